//! A SIP phone that does one thing with every call, played by SIPp. What it was called is counted
//! out of SIPp's own record of messages, so that "nobody was rung twice" is a far end's word.

use super::{free_port, udp_ports};
use crate::server::eventually;
use std::collections::HashSet;
use std::fs;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// What the phone does.
#[derive(Clone, Copy, Debug)]
pub enum Manner {
    /// Refuses with this SIP status, and never rings.
    Refuses(u16),
    /// Rings for a moment, then refuses with this SIP status.
    RingsAndRefuses(u16),
    /// Rings until the caller gives up.
    Rings,
    /// Speaks before it answers (183), until the caller gives up.
    SpeaksEarly,
    /// Rings, answers, gives back what it hears, and waits for the caller to hang up.
    Answers,
    /// The same, but hangs up by itself after so many milliseconds.
    AnswersFor(u32),
    /// Answers, puts the caller on hold for half a second, takes it back, and hangs up soon after.
    Holds,
}

impl Manner {
    fn scenario(self) -> String {
        let steps = match self {
            Self::Refuses(status) => refusal(status),
            Self::RingsAndRefuses(status) => reply("180 Ringing") + &pause(200) + &refusal(status),
            Self::Rings => reply("180 Ringing") + &canceled(),
            Self::SpeaksEarly => reply_with_media("183 Session Progress", "") + &canceled(),
            Self::Answers => {
                answer() + "<recv request=\"BYE\" timeout=\"600000\"/>" + &reply("200 OK")
            }
            Self::AnswersFor(milliseconds) => answer() + &pause(milliseconds) + &bye(1),
            Self::Holds => {
                let (hold, back) = (change(1, "sendonly"), change(2, "sendrecv"));
                answer() + &pause(500) + &hold + &pause(500) + &back + &pause(6000) + &bye(3)
            }
        };
        let first = r#"<recv request="INVITE" rrs="true"><action>
            <ereg regexp=".*" search_in="hdr" header="From:" assign_to="1"/>
            <ereg regexp=".*" search_in="hdr" header="To:" assign_to="2"/>
            <ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="3"/>
            </action></recv><Reference variables="1,2,3"/>"#;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scenario name=\"callee\">\n{first}\n{steps}\n</scenario>\n"
        )
    }
}

/// What every answer repeats of its request.
const HEAD: &str = "[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]T[call_number]\n[last_Call-ID:]\n\
    [last_CSeq:]\nContact: <sip:[local_ip]:[local_port];transport=[transport]>\n";
const SDP: &str = "v=0\no=callee 1 1 IN IP[local_ip_type] [local_ip]\ns=-\n\
    c=IN IP[media_ip_type] [media_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 0 101\n\
    a=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=sendrecv\n";

/// A request of the far end's on its own call.
fn request(method: &str, number: u32, rest: &str) -> String {
    format!(
        "{method} [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
         From:[$2];tag=[pid]T[call_number]\nTo:[$1]\n[last_Call-ID:]\nCSeq: {number} {method}\n\
         Contact: <sip:[local_ip]:[local_port];transport=[transport]>\nMax-Forwards: 70\n{rest}"
    )
}

fn bye(number: u32) -> String {
    let bye = request("BYE", number, "Content-Length: 0\n");
    format!("<send retrans=\"500\"><![CDATA[\n{bye}\n]]></send>\n<recv response=\"200\"/>")
}

/// Another direction of the sound.
fn change(number: u32, direction: &str) -> String {
    let sdp = SDP.replace("sendrecv", direction);
    let body = format!("Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}");
    let invite = request("INVITE", number, &body);
    let ack = request("ACK", number, "Content-Length: 0\n");
    format!(
        "<send retrans=\"500\"><![CDATA[\n{invite}\n]]></send>\n<recv response=\"100\" optional=\"true\"/>\n\
         <recv response=\"200\"/>\n<send><![CDATA[\n{ack}\n]]></send>\n"
    )
}

fn pause(milliseconds: u32) -> String {
    format!("<pause milliseconds=\"{milliseconds}\"/>\n")
}

fn reply(status: &str) -> String {
    format!("<send><![CDATA[\nSIP/2.0 {status}\n{HEAD}Content-Length: 0\n\n]]></send>\n")
}

fn reply_with_media(status: &str, attributes: &str) -> String {
    format!(
        "<send{attributes}><![CDATA[\nSIP/2.0 {status}\n{HEAD}Content-Type: application/sdp\n\
         Content-Length: [len]\n\n{SDP}\n]]></send>\n"
    )
}

fn refusal(status: u16) -> String {
    reply(&format!("{status} No")) + "<recv request=\"ACK\"/>"
}

fn answer() -> String {
    let ok = reply_with_media("200 OK", " retrans=\"500\"");
    reply("180 Ringing") + &pause(200) + &ok + "<recv request=\"ACK\"/>\n"
}

fn canceled() -> String {
    let gone = "<send retrans=\"500\"><![CDATA[\nSIP/2.0 487 Request Terminated\n[last_Via:]\n[last_From:]\n\
        [last_To:];tag=[pid]T[call_number]\n[last_Call-ID:]\nCSeq:[$3]\nContent-Length: 0\n\n]]></send>\n";
    let ok = reply("200 OK");
    format!("<recv request=\"CANCEL\" timeout=\"600000\"/>\n{ok}{gone}<recv request=\"ACK\"/>")
}

/// See the module.
pub struct Callee {
    /// Where it listens on loopback, by UDP.
    pub port: u16,
    folder: TempDir,
    child: Child,
}

impl Callee {
    /// Starts one.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(manner: Manner) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let scenario = folder.path().join("callee.xml");
        fs::write(&scenario, manner.scenario()).expect("a file of the test");
        let (port, media) = (free_port(), free_port());
        let mut child = Command::new("sipp")
            .arg("-sf")
            .arg(&scenario)
            .args(["-i", "127.0.0.1", "-p", &port.to_string()])
            .args(["-mi", "127.0.0.1", "-mp", &media.to_string()])
            .args(["-nostdin", "-rtp_echo", "-trace_msg", "-trace_err"])
            .arg("-message_file")
            .arg(folder.path().join("messages"))
            .arg("-error_file")
            .arg(folder.path().join("errors"))
            .current_dir(folder.path())
            .env("TERM", "dumb")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("SIPp starts: cargo xtask peers installs it");
        eventually("SIPp listens", || {
            let ended = child.try_wait().expect("its own child");
            assert!(ended.is_none(), "SIPp ended with {ended:?}");
            udp_ports().contains(&port).then_some(())
        });
        Self {
            port,
            folder,
            child,
        }
    }

    /// The dial string of Asterisk's that calls it, with the number still to be filled in.
    #[must_use]
    pub fn dial_string(&self) -> String {
        format!("PJSIP/trunk/sip:{{number}}@127.0.0.1:{}", self.port)
    }

    /// The calls it was called with, by their `Call-ID`, in any order; one that was sent again or
    /// changed counts once.
    #[must_use]
    pub fn calls(&self) -> HashSet<String> {
        let invites = self.received().into_iter();
        let invites = invites.filter(|message| message.starts_with("INVITE "));
        let id = |message: String| header(&message, "Call-ID").map(str::to_owned);
        invites.filter_map(id).collect()
    }

    /// Every message that it was sent, as it came.
    #[must_use]
    pub fn received(&self) -> Vec<String> {
        let record = fs::read_to_string(self.folder.path().join("messages")).unwrap_or_default();
        let mut parts = record.split("message received [");
        let _ = parts.next();
        let message = |part: &str| {
            let (_, message) = part
                .split_once("\n\n")
                .or_else(|| part.split_once("\r\n\r\n"))?;
            let end = message.find("\n-----------------------------------------------");
            Some(message[..end.unwrap_or(message.len())].to_owned())
        };
        parts.filter_map(message).collect()
    }

    /// Waits until it was called, once.
    ///
    /// # Panics
    /// When it was called more often.
    pub fn called(&self) {
        let calls = eventually("the far end was called", || {
            Some(self.calls().len()).filter(|calls| *calls > 0)
        });
        assert_eq!(calls, 1, "calls at the far end");
    }
}

impl Drop for Callee {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let errors = fs::read_to_string(self.folder.path().join("errors"));
            eprintln!("--- SIPp's errors\n{}", errors.unwrap_or_default());
        }
    }
}

/// A header's value.
#[must_use]
pub fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
