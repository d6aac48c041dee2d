//! The sound of one call on its own socket: one task sends and hears 20 ms at a turn, by one clock.
//! It sends to where the far end's sound comes from, wherever the description says (symmetric RTP,
//! RFC 4961), because behind a home router the two differ. What is agreed on comes from outside.

use super::dtmf::Ear;
use super::jitter::JitterBuffer;
use super::mouth::{Done, Mouth};
use super::recorder::Recorder;
use super::rtp::Packet;
use super::sdp::Sound;
use super::{FRAME_TIME, SILENCE};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Longest datagram that is read; sound is a tenth of it.
const LONGEST: usize = 2048;
/// Who is this late sends no more what was due: this computer slept.
const MOST_LATE: Duration = Duration::from_millis(200);
/// After so many turns without a packet from where sound came, it may come from elsewhere.
const QUIET_TURNS: u32 = 50;

/// Which ports sound is heard on; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip_trunk) struct Ports {
    pub first: u16,
    pub last: u16,
}

enum Command {
    Agree(Sound),
    Say(Vec<i16>, Done),
    Press(String, Done),
    Record(Recorder),
}

/// The sound of a call; dropped, it ends with its recording.
pub(in crate::sip_trunk) struct Session {
    at: SocketAddr,
    commands: mpsc::UnboundedSender<Command>,
    packets: Arc<AtomicU64>,
}

impl Session {
    /// Begins to listen on a free port of the range, from a random one on. Keys that the far end
    /// presses go to `keys`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn begin(
        ip: IpAddr,
        ports: Ports,
        keys: mpsc::UnboundedSender<char>,
    ) -> io::Result<Self> {
        let random = uuid::Uuid::new_v4().as_u128();
        let socket = bind(ip, ports, random as u16).await?;
        let at = socket.local_addr()?;
        let (commands, told) = mpsc::unbounded_channel();
        let packets = Arc::<AtomicU64>::default();
        let task = Task {
            socket,
            told,
            keys,
            packets: packets.clone(),
            mouth: Mouth::new(
                (random >> 16) as u32,
                (random >> 64) as u16,
                (random >> 96) as u32,
            ),
            jitter: JitterBuffer::default(),
            ear: Ear::default(),
            sound: None,
            from: None,
            quiet: 0,
            recorder: None,
        };
        tokio::spawn(task.run());
        Ok(Self {
            at,
            commands,
            packets,
        })
    }

    /// Where it listens.
    pub const fn at(&self) -> SocketAddr {
        self.at
    }

    /// How many packets of sound or keys have come.
    pub fn packets(&self) -> u64 {
        self.packets.load(Ordering::Relaxed)
    }

    /// From now on the sound goes as was agreed on.
    pub fn agree(&self, sound: Sound) {
        self.tell(Command::Agree(sound));
    }

    pub fn record(&self, recorder: Recorder) {
        self.tell(Command::Record(recorder));
    }

    /// Says it after what is being said. The answer comes when it was sent, and never where the
    /// call ends before.
    pub fn say(&self, samples: Vec<i16>) -> oneshot::Receiver<()> {
        let (done, is_done) = oneshot::channel();
        self.tell(Command::Say(samples, done));
        is_done
    }

    /// Presses keys after what is being said; the answer is that of [`Session::say`].
    pub fn press(&self, keys: &str) -> oneshot::Receiver<()> {
        let (done, is_done) = oneshot::channel();
        self.tell(Command::Press(keys.to_owned(), done));
        is_done
    }

    /// The task lives as long as this does.
    fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

/// Sound has even ports (RFC 3550 §11); the odd ones stay free for its control.
async fn bind(ip: IpAddr, ports: Ports, random: u16) -> io::Result<UdpSocket> {
    let first = ports.first.next_multiple_of(2);
    let pairs = (u32::from(ports.last.saturating_sub(first)) + 2) / 2;
    let mut last_error = io::ErrorKind::AddrNotAvailable.into();
    for nth in 0..pairs {
        let pair = (u32::from(random) + nth) % pairs;
        let port = first.saturating_add(u16::try_from(pair * 2).unwrap_or(0));
        match UdpSocket::bind((ip, port)).await {
            Ok(socket) => return Ok(socket),
            Err(error) => last_error = error,
        }
    }
    Err(last_error)
}

struct Task {
    socket: UdpSocket,
    told: mpsc::UnboundedReceiver<Command>,
    keys: mpsc::UnboundedSender<char>,
    packets: Arc<AtomicU64>,
    mouth: Mouth,
    jitter: JitterBuffer,
    ear: Ear,
    sound: Option<Sound>,
    /// Where the far end's sound comes from.
    from: Option<SocketAddr>,
    /// Turns since it last came from there.
    quiet: u32,
    recorder: Option<Recorder>,
}

impl Task {
    async fn run(mut self) {
        let mut bytes = [0; LONGEST];
        let mut next = Instant::now() + FRAME_TIME;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(next) => {
                    let late = next.elapsed();
                    if late > MOST_LATE {
                        next += self.oversleep(late);
                    }
                    self.turn();
                    next += FRAME_TIME;
                }
                received = self.socket.recv_from(&mut bytes) => {
                    // An error is about an earlier datagram that nobody took.
                    if let Ok((length, from)) = received {
                        self.hear(&bytes[..length], from);
                    }
                }
                command = self.told.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Agree(sound) => {
                if self.sound.is_none_or(|before| before.to != sound.to) {
                    self.from = None;
                }
                self.sound = Some(sound);
            }
            Command::Say(samples, done) => self.mouth.say(samples, done),
            Command::Press(keys, done) => self.mouth.press(&keys, done),
            Command::Record(recorder) => self.recorder = Some(recorder),
        }
    }

    /// Passes over the turns that were missed; the recording stays as long as the call.
    fn oversleep(&mut self, late: Duration) -> Duration {
        let missed = u32::try_from(late.as_millis() / FRAME_TIME.as_millis()).unwrap_or(0);
        self.mouth.pause(missed);
        for _ in 0..missed {
            let callee = self.jitter.take();
            if let Some(recorder) = &self.recorder {
                recorder.add(callee, SILENCE);
            }
        }
        FRAME_TIME * missed
    }

    fn turn(&mut self) {
        self.quiet = self.quiet.saturating_add(1);
        let callee = self.jitter.take();
        let mut agent = SILENCE;
        match self.sound {
            Some(sound) if sound.is_heard() => {
                let (frame, packets) = self.mouth.turn(&sound);
                let to = self.from.unwrap_or(sound.to);
                for packet in packets {
                    // A full buffer or a far end that is gone: the next packet comes in 20 ms.
                    let _ = self.socket.try_send_to(&packet, to);
                }
                agent = frame;
            }
            _ => self.mouth.pause(1),
        }
        if let Some(recorder) = &self.recorder {
            recorder.add(callee, agent);
        }
    }

    fn hear(&mut self, bytes: &[u8], from: SocketAddr) {
        let (Some(sound), Some(packet)) = (self.sound, Packet::read(bytes)) else {
            return;
        };
        let is_keys = Some(packet.payload_type) == sound.keys;
        let law = sound.law_of(packet.payload_type).filter(|_| !is_keys);
        if law.is_none() && !is_keys || !self.believes(from, sound.to) {
            return;
        }
        self.quiet = 0;
        self.packets.fetch_add(1, Ordering::Relaxed);
        if let Some(law) = law {
            let samples = law.decode(packet.payload);
            self.jitter.put(packet.ssrc, packet.timestamp, samples);
        } else if let Some(key) = self.ear.hear(packet.timestamp, packet.payload) {
            // Nobody listens before the answer and after the end.
            let _ = self.keys.send(key);
        }
    }

    /// Whether it is the far end's: from where it said, else from where the first packet came until
    /// nothing comes from there any more. So a stranger cannot cut into a call.
    fn believes(&mut self, from: SocketAddr, said: SocketAddr) -> bool {
        let is_free = self.from.is_none() || self.quiet > QUIET_TURNS;
        if from == said || is_free {
            self.from = Some(from);
        }
        self.from == Some(from)
    }
}

#[cfg(test)]
mod tests {
    use super::super::FRAME;
    use super::super::g711::Law;
    use super::super::sdp::Direction;
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const ANY: Ports = Ports {
        first: 21_000,
        last: 29_998,
    };

    fn sound(to: SocketAddr) -> Sound {
        Sound {
            to,
            law: Law::A,
            payload_type: 8,
            keys: Some(101),
            direction: Direction::Both,
        }
    }

    async fn far_end() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind((HERE, 0)).await.expect("a socket");
        let at = socket.local_addr().expect("an address");
        (socket, at)
    }

    async fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
        let mut bytes = [0; LONGEST];
        let (length, from) = socket.recv_from(&mut bytes).await.expect("received");
        (bytes[..length].to_vec(), from)
    }

    fn loudest(frame: &[u8]) -> i16 {
        let packet = Packet::read(frame).expect("a packet");
        Law::A
            .decode(packet.payload)
            .into_iter()
            .max()
            .unwrap_or_default()
    }

    #[tokio::test]
    async fn what_is_said_is_sent_where_it_was_agreed_and_then_where_sound_comes_from() {
        let (keys, mut pressed) = mpsc::unbounded_channel();
        let session = Session::begin(HERE, ANY, keys).await.expect("begun");
        let (said, at) = far_end().await;
        session.agree(sound(at));
        receive(&said).await;
        // Its packets come through a router, from another port than it says.
        let (routed, _) = far_end().await;
        let payload = super::super::dtmf::presses('7').expect("a key")[0].payload;
        let packet = Packet {
            payload_type: 101,
            marker: true,
            sequence: 1,
            timestamp: 1,
            ssrc: 1,
            payload: &payload,
        };
        routed
            .send_to(&packet.write(), session.at())
            .await
            .expect("sent");
        assert_eq!(pressed.recv().await, Some('7'));
        let done = session.say(vec![8000; 3 * FRAME]);
        while loudest(&receive(&routed).await.0) < 7000 {}
        done.await.expect("said");
        assert_eq!(session.packets(), 1);
    }

    #[tokio::test]
    async fn a_stranger_is_not_heard_while_the_far_end_speaks() {
        let (keys, mut pressed) = mpsc::unbounded_channel();
        let session = Session::begin(HERE, ANY, keys).await.expect("begun");
        let ((said, at), (stranger, _)) = (far_end().await, far_end().await);
        session.agree(sound(at));
        receive(&said).await;
        let press = |key: char, timestamp| {
            let payload = super::super::dtmf::presses(key).expect("a key")[0].payload;
            Packet {
                payload_type: 101,
                marker: true,
                sequence: 1,
                timestamp,
                ssrc: 1,
                payload: &payload,
            }
            .write()
        };
        said.send_to(&press('1', 100), session.at())
            .await
            .expect("sent");
        assert_eq!(pressed.recv().await, Some('1'));
        stranger
            .send_to(&press('2', 200), session.at())
            .await
            .expect("sent");
        said.send_to(&press('3', 300), session.at())
            .await
            .expect("sent");
        assert_eq!(pressed.recv().await, Some('3'));
    }

    #[tokio::test]
    async fn a_held_call_sends_nothing_and_goes_on_with_what_was_to_be_said() {
        let (keys, _pressed) = mpsc::unbounded_channel();
        let held = Session::begin(HERE, ANY, keys.clone())
            .await
            .expect("begun");
        let clock = Session::begin(HERE, ANY, keys).await.expect("begun");
        let ((said, at), (ticks, ticked_at)) = (far_end().await, far_end().await);
        let on_hold = Sound {
            direction: Direction::Receive,
            ..sound(at)
        };
        held.agree(on_hold);
        let done = held.say(vec![8000; FRAME]);
        clock.agree(sound(ticked_at));
        for _ in 0..5 {
            receive(&ticks).await;
        }
        assert!(said.try_recv(&mut [0; 1]).is_err(), "nothing is sent");
        held.agree(sound(at));
        assert!(loudest(&receive(&said).await.0) > 7000);
        done.await.expect("said");
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_not_used() {
        let taken = bind(HERE, ANY, 5).await.expect("a free port");
        let port = taken.local_addr().expect("an address").port();
        assert_eq!(port % 2, 0);
        let only = Ports {
            first: port,
            last: port,
        };
        assert!(bind(HERE, only, 5).await.is_err());
    }
}
