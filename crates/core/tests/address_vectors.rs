//! Configured numbers against what the reference implementation answered (contract §6.4).

use serde_json::Value;
use switchhook_core::address::{normalize, numbers_match};

fn vectors(list: &str) -> Vec<Value> {
    let mut file: Value =
        serde_json::from_str(include_str!("data/address_vectors.json")).expect("the vectors");
    match file[list].take() {
        Value::Array(vectors) if !vectors.is_empty() => vectors,
        other => panic!("{list} is not a list of vectors: {other}"),
    }
}

#[test]
fn every_recorded_normalization_is_reproduced() {
    for vector in vectors("normalize") {
        let raw = vector["raw"].as_str().expect("raw is a string");
        match normalize(raw, vector["country_hint"].as_str()) {
            Ok(address) => {
                assert_eq!(vector["canonical"], address.canonical.as_str(), "{vector}");
                assert_eq!(vector["type"], address.kind.as_str(), "{vector}");
                assert_eq!(
                    vector["country_code"].as_str(),
                    address.country_code,
                    "{vector}"
                );
            }
            Err(error) => assert_eq!(vector["message"], error.to_string(), "{vector}"),
        }
    }
}

#[test]
fn every_recorded_comparison_is_reproduced() {
    for vector in vectors("numbers_match") {
        let matched = numbers_match(
            vector["incoming"].as_str().expect("incoming is a string"),
            vector["configured"]
                .as_str()
                .expect("configured is a string"),
            vector["to_country"].as_str(),
            vector["from_country"].as_str(),
        );
        assert_eq!(vector["match"], matched, "{vector}");
    }
}
