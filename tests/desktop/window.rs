//! The window under WebDriver, by what a person sees: names of buttons, labels of fields.

use crate::session::Session;
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use switchhook_tests::server::eventually;

/// Longer than a debug build on a busy machine takes for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// See the module.
pub struct Window {
    client: Client,
}

impl Window {
    /// Starts the program and waits until a person could use its window.
    pub async fn open(session: &mut Session) -> Self {
        let window = Self::start(session).await;
        session.logged("the window can be used");
        window
    }

    /// Starts the program.
    pub async fn start(session: &mut Session) -> Self {
        Self::start_with(session, &[]).await
    }

    /// Starts the program with arguments.
    pub async fn start_with(session: &mut Session, arguments: &[&str]) -> Self {
        let port = free_port();
        let driver = session
            .command("WebKitWebDriver")
            .arg(format!("--port={port}"))
            // The program starts where its driver did.
            .current_dir(session.home())
            .spawn();
        session.keep(driver.expect("WebKitWebDriver starts"));
        eventually("the driver listens", || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
        });
        let wanted =
            json!({"webkitgtk:browserOptions": {"binary": session.program(), "args": arguments}});
        let Value::Object(wanted) = wanted else {
            unreachable!("an object")
        };
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let mut builder = ClientBuilder::new(connector);
        let client = builder
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        Self {
            client: client.expect("a session with the window"),
        }
    }

    /// Waits for what a CSS selector names.
    pub async fn css(&self, selector: &str) -> Element {
        self.wait(Locator::Css(selector)).await
    }

    /// Waits for what an XPath names.
    pub async fn xpath(&self, path: &str) -> Element {
        self.wait(Locator::XPath(path)).await
    }

    async fn wait(&self, locator: Locator<'_>) -> Element {
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(locator)
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!(
                "{locator:?} is not there ({error}); the window says: {}",
                self.text().await
            ),
        }
    }

    /// A button, a link or a menu's item by the beginning of its name.
    pub async fn button(&self, name: &str) -> Element {
        let roles = "self::button or self::a or @role='menuitem'";
        let named = format!(
            "starts-with(@aria-label, '{name}') or (not(@aria-label) and starts-with(normalize-space(.), '{name}'))"
        );
        self.xpath(&format!(
            "//*[({roles}) and ({named}) and not(@disabled) and not(@aria-disabled='true')]"
        ))
        .await
    }

    /// Presses a button, a link or a menu's item, as soon as the pointer reaches it: a menu that
    /// closes holds the pointer for a moment longer.
    pub async fn press(&self, name: &str) {
        let started = Instant::now();
        while let Err(error) = self.button(name).await.click().await {
            assert!(
                started.elapsed() < PATIENCE,
                "{name} cannot be pressed: {error}"
            );
        }
    }

    /// Presses what carries this label: a box to tick.
    pub async fn press_label(&self, label: &str) {
        let path = format!("//label[starts-with(normalize-space(.), '{label}')]");
        self.xpath(&path).await.click().await.expect(label);
    }

    /// Whether words are anywhere on the page now.
    pub async fn shows(&self, words: &str) -> bool {
        self.text().await.contains(words)
    }

    /// Types into the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        let under = format!("//label[starts-with(normalize-space(.), '{label}')]");
        let path = format!("{under}//input | {under}//textarea | //*[@id = {under}/@for]");
        self.xpath(&path).await.send_keys(text).await.expect(label);
    }

    /// Waits until the field with this label holds a text.
    pub async fn holds(&self, label: &str, text: &str) {
        let under = format!("//label[starts-with(normalize-space(.), '{label}')]");
        let path = format!("{under}//input | {under}//textarea | //*[@id = {under}/@for]");
        let field = self.xpath(&path).await;
        let started = Instant::now();
        loop {
            let held = field.prop("value").await.expect(label).unwrap_or_default();
            if held == text {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{label} holds {held}, not {text}"
            );
        }
    }

    /// The page's width and height.
    pub async fn size(&self) -> (u64, u64) {
        let script = "return [innerWidth, innerHeight]";
        let size = self.client.execute(script, vec![]).await.expect("a page");
        let number = |at: usize| size[at].as_u64().expect("a number");
        (number(0), number(1))
    }

    /// Waits until the page is narrower than that, and answers how wide it is.
    pub async fn narrower_than(&self, width: u64) -> u64 {
        let script = "const [width, done] = arguments;
            const look = () => innerWidth < width ? done(innerWidth) : requestAnimationFrame(look);
            look()";
        let narrow = self.client.execute_async(script, vec![json!(width)]).await;
        narrow.expect("a page").as_u64().expect("a number")
    }

    /// Waits for words anywhere on the page.
    pub async fn says(&self, words: &str) {
        self.xpath(&format!(
            "//body//*[contains(normalize-space(.), \"{words}\")]"
        ))
        .await;
    }

    /// Everything the page says, and what its fields hold.
    pub async fn text(&self) -> String {
        let script = "return [document.body.innerText,
            ...[...document.querySelectorAll('input, textarea')].map((field) => field.value)].join('\\n')";
        let text = self.client.execute(script, vec![]).await;
        text.ok()
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Everything the page holds that a script could read: its source, its fields, its storage.
    pub async fn everything(&self) -> String {
        let script = "return document.documentElement.outerHTML
            + [...document.querySelectorAll('input, textarea')].map((field) => field.value).join(' ')
            + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie";
        let all = self
            .client
            .execute(script, vec![])
            .await
            .expect("the page runs scripts");
        all.as_str().expect("a text").to_owned()
    }

    /// Asks the program what only its own pages may ask: a command of the shell.
    pub async fn command(&self, name: &str, arguments: Value) -> Value {
        let script = "const [name, given, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(name, given).then(
                (value) => done({ value: value ?? null }), (error) => done({ error }))";
        let answer = self
            .client
            .execute_async(script, vec![json!(name), arguments])
            .await;
        answer.expect("the page runs scripts")
    }

    /// A picture of the window at a size, with the theme that the system would ask for.
    pub async fn picture(&self, width: u32, height: u32, theme: &str, file: &Path) {
        self.client
            .set_window_size(width, height)
            .await
            .expect("the window has a size");
        let script = "const [theme, done] = arguments;
            document.documentElement.dataset.theme = theme;
            const drawn = () => new Promise((next) => requestAnimationFrame(next));
            const changing = () => document.getAnimations().filter((one) => one instanceof CSSTransition);
            drawn().then(() => Promise.allSettled(changing().map((one) => one.finished)))
                .then(drawn).then(drawn).then(() => done(null))";
        let drawn = self.client.execute_async(script, vec![json!(theme)]).await;
        drawn.expect("the page is drawn");
        let picture = self.client.screenshot().await.expect("a picture");
        std::fs::write(file, picture).expect("the picture is kept");
    }
}

fn free_port() -> u16 {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    socket.local_addr().expect("bound").port()
}
