use super::*;
use proptest::prelude::*;

const ASTERISK: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=Asterisk\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 20012 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
    a=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:140\r\na=sendrecv\r\n";

fn own() -> Own {
    Own {
        at: "192.0.2.7:40000".parse().expect("an address"),
        session: 9,
        version: 0,
    }
}

#[test]
fn an_answer_says_where_with_what_and_how_keys_go() {
    let sound = read(ASTERISK).expect("read");
    let expected = Sound {
        to: "127.0.0.1:20012".parse().expect("an address"),
        law: Law::Mu,
        payload_type: 0,
        keys: Some(101),
        direction: Direction::Both,
    };
    assert_eq!(sound, expected);
}

#[test]
fn the_offer_is_read_by_the_reader() {
    let mut own = own();
    let sound = read(&own.offer()).expect("read");
    assert_eq!(
        (sound.to, sound.law, sound.keys),
        (own.at, Law::Mu, Some(KEYS))
    );
    assert!(
        own.offer().contains("o=- 9 2 IN IP4 192.0.2.7"),
        "each has its version"
    );
}

#[test]
fn the_far_ends_first_law_counts_and_its_numbers() {
    let text = ASTERISK
        .replace("RTP/AVP 0 101", "RTP/AVP 18 8 0 96")
        .replace("rtpmap:101", "rtpmap:96");
    let sound = read(&text).expect("read");
    assert_eq!(
        (sound.law, sound.payload_type, sound.keys),
        (Law::A, 8, Some(96))
    );
}

#[test]
fn who_takes_both_laws_may_send_either() {
    let text = ASTERISK.replace("RTP/AVP 0 101", "RTP/AVP 0 8 101");
    let sound = read(&text).expect("read");
    let laws = [0, 8, 18, 101].map(|payload_type| sound.law_of(payload_type));
    assert_eq!(laws, [Some(Law::Mu), Some(Law::A), None, None]);
}

#[test]
fn the_address_of_the_stream_counts_before_that_of_the_session() {
    let text = ASTERISK.replace("a=ptime", "c=IN IP4 192.0.2.9/127\r\na=ptime");
    assert_eq!(read(&text).expect("read").to.ip().to_string(), "192.0.2.9");
}

#[test]
fn encrypted_sound_other_codecs_and_no_sound_are_told_apart() {
    let with = |from: &str, to: &str| read(&ASTERISK.replace(from, to)).expect_err("refused");
    assert_eq!(with("RTP/AVP", "RTP/SAVP"), SdpError::Encrypted);
    assert_eq!(
        with(
            "a=ptime",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\na=ptime"
        ),
        SdpError::Encrypted
    );
    assert_eq!(
        with("RTP/AVP 0 101", "RTP/AVP 18 101"),
        SdpError::NoCommonCodec
    );
    assert_eq!(with("audio 20012", "audio 0"), SdpError::NoSound);
    assert_eq!(with("audio", "image"), SdpError::NoSound);
    assert_eq!(
        with("IP4 127.0.0.1\r\nt", "IP4 pbx.example\r\nt"),
        SdpError::Form
    );
}

#[test]
fn a_hold_is_answered_from_the_other_end_and_sends_nothing() {
    let offer = ASTERISK.replace("sendrecv", "sendonly");
    let (sound, answer) = own().answer(&offer).expect("answered");
    assert!(!sound.is_heard());
    assert!(answer.contains("a=recvonly\r\n"), "{answer}");
    let (sound, answer) = own()
        .answer(&ASTERISK.replace("sendrecv", "inactive"))
        .expect("answered");
    assert!(!sound.is_heard() && answer.contains("a=inactive\r\n"));
    let old_style = ASTERISK.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0");
    assert!(!read(&old_style).expect("read").is_heard());
}

#[test]
fn an_answer_has_as_many_streams_as_its_offer() {
    let offer =
        ASTERISK.replace("m=audio", "m=image 9 udptl t38\r\nm=audio") + "m=video 9 RTP/AVP 99\r\n";
    let (_, answer) = own().answer(&offer).expect("answered");
    let streams: Vec<_> = answer
        .lines()
        .filter(|line| line.starts_with("m="))
        .collect();
    assert_eq!(
        streams,
        [
            "m=image 0 udptl t38",
            "m=audio 40000 RTP/AVP 0 101",
            "m=video 0 RTP/AVP 99"
        ]
    );
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,200}") {
        let _ = read(&text);
        let _ = own().answer(&text);
    }

    /// Lines as descriptions have them, mixed up.
    #[test]
    fn any_lines_are_read_without_a_panic(lines in proptest::collection::vec(prop_oneof![
        Just("v=0".to_owned()),
        "m=(audio|video)? ?[0-9/]{0,7} ?(RTP/AVP)?( [0-9]{1,4}){0,3}",
        "c=(IN )?(IP4|IP6)? ?[0-9.:/]{0,20}",
        "a=(rtpmap|fmtp|crypto|sendonly)?:?[0-9]{0,3} ?(PCMU|telephone-event)?/?(8000)?",
        "[a-z]?=?.{0,10}",
    ], 0..12)) {
        let text = format!("v=0\r\n{}", lines.join("\r\n"));
        let _ = read(&text);
        let _ = own().answer(&text);
    }
}
