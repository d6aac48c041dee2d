//! API keys, workspaces, settings, other instances and their saved triggers.

mod common;

use common::{AGENT, WORKSPACE, at, open, reopen};
use secrecy::ExposeSecret;
use switchhook_core::api_key::Scope;
use switchhook_core::ids::{ApiKeyId, InstanceId, WorkspaceId};
use switchhook_core::ports::{
    ApiKeys, Instances, NewApiKey, Settings, StoreError, Telephony, Workspaces,
};
use switchhook_store::{hash_key, mint_key};

fn new_key(key: &str) -> NewApiKey {
    NewApiKey {
        workspace_id: WORKSPACE,
        name: "n8n".to_owned(),
        hash: hash_key(key),
        prefix: "dgr_abcd".to_owned(),
        scope: Scope::Trigger,
        agents: vec![AGENT],
        test_only: true,
        expires_at: Some(at(100)),
        at: at(0),
    }
}

#[tokio::test]
async fn a_key_is_found_by_its_hash_and_is_nowhere_in_the_folder() {
    let (dir, database) = open();
    let (key, hash, prefix) = mint_key();
    let new = NewApiKey {
        hash,
        prefix,
        ..new_key("")
    };
    let created = database.create_api_key(new).await.expect("created");
    let shown = hash_key(key.expose_secret());
    let found = database
        .api_key_by_hash(shown)
        .await
        .expect("read")
        .expect("found");
    assert_eq!(
        (found.id, found.scope, found.agents),
        (created.id, Scope::Trigger, vec![AGENT])
    );
    assert_eq!((found.test_only, found.expires_at), (true, Some(at(100))));
    assert!(
        database
            .api_key_by_hash(hash_key("other"))
            .await
            .expect("read")
            .is_none()
    );
    drop(database);
    for file in std::fs::read_dir(dir.path().join("data")).expect("listed") {
        let bytes = std::fs::read(file.expect("an entry").path()).expect("read");
        assert!(
            !bytes
                .windows(47)
                .any(|window| window == key.expose_secret().as_bytes())
        );
    }
}

#[tokio::test]
async fn archiving_twice_is_fine_and_keeps_the_first_time() {
    let (_dir, database) = open();
    let id = database
        .create_api_key(new_key("k"))
        .await
        .expect("created")
        .id;
    for seconds in [5, 6] {
        assert!(
            database
                .set_api_key_archived(WORKSPACE, id, true, at(seconds))
                .await
                .expect("written")
        );
    }
    assert!(
        database
            .api_keys(WORKSPACE, false)
            .await
            .expect("read")
            .is_empty()
    );
    let all = database.api_keys(WORKSPACE, true).await.expect("read");
    assert_eq!(all[0].archived_at, Some(at(5)));
    database
        .set_api_key_archived(WORKSPACE, id, false, at(7))
        .await
        .expect("written");
    assert_eq!(
        database
            .api_keys(WORKSPACE, false)
            .await
            .expect("read")
            .len(),
        1
    );
    let stranger = database
        .set_api_key_archived(WorkspaceId(2), id, true, at(8))
        .await;
    assert!(!stranger.expect("written"));
    let missing = database
        .set_api_key_archived(WORKSPACE, ApiKeyId(99), true, at(8))
        .await;
    assert!(!missing.expect("written"));
}

#[tokio::test]
async fn the_use_of_a_key_is_written_at_the_latest_when_the_database_closes() {
    let (dir, database) = open();
    let id = database
        .create_api_key(new_key("k"))
        .await
        .expect("created")
        .id;
    database.touch_api_key(id, at(9));
    database.touch_api_key(id, at(10));
    drop(database);
    let database = reopen(dir.path());
    assert_eq!(
        database.api_keys(WORKSPACE, true).await.expect("read")[0].last_used_at,
        Some(at(10))
    );
}

#[tokio::test]
async fn settings_have_defaults_and_are_replaced() {
    let (_dir, database) = open();
    let defaults = Settings {
        concurrent_calls: 10,
        requests_per_second: None,
        default_country: None,
        public_base_url: None,
        record_request_bodies: false,
        keep_request_bodies_hours: None,
        keep_runs_days: None,
    };
    assert_eq!(database.settings(WORKSPACE).await.expect("read"), defaults);
    let settings = Settings {
        concurrent_calls: 3,
        requests_per_second: Some(5),
        default_country: Some("DE".to_owned()),
        public_base_url: Some("https://calls.example".to_owned()),
        record_request_bodies: true,
        keep_request_bodies_hours: Some(12),
        keep_runs_days: Some(90),
    };
    for _ in 0..2 {
        database
            .put_settings(WORKSPACE, settings.clone(), at(1))
            .await
            .expect("written");
    }
    assert_eq!(database.settings(WORKSPACE).await.expect("read"), settings);
    let workspaces = database.workspaces().await.expect("read");
    assert_eq!(
        (workspaces[0].id, workspaces[0].name.as_str()),
        (WORKSPACE, "My workspace")
    );
}

#[tokio::test]
async fn an_instances_name_is_given_once_and_its_triggers_go_with_it() {
    let (_dir, database) = open();
    let save = async |id: Option<InstanceId>, name: &str| {
        database
            .save_instance(
                id,
                name.to_owned(),
                "https://a.example".to_owned(),
                "green".to_owned(),
            )
            .await
    };
    let one = save(None, "Cloud").await.expect("saved");
    assert!(matches!(
        save(None, "Cloud").await,
        Err(StoreError::NameTaken)
    ));
    let renamed = save(Some(one.id), "Office").await.expect("saved");
    assert_eq!(renamed.id, one.id);
    assert_eq!(database.instances().await.expect("read"), [renamed]);

    let keep = async |name: &str| {
        database
            .save_trigger(one.id, name.to_owned(), "lead-intake".to_owned())
            .await
            .expect("saved")
    };
    let first = keep("Leads").await;
    let again = keep("Lead intake").await;
    assert_eq!(first.id, again.id);
    assert_eq!(
        database.saved_triggers(one.id).await.expect("read"),
        [again]
    );
    database.remove_instance(one.id).await.expect("removed");
    assert!(
        database
            .saved_triggers(one.id)
            .await
            .expect("read")
            .is_empty()
    );
    assert!(database.instances().await.expect("read").is_empty());
}

#[tokio::test]
async fn a_saved_trigger_can_be_forgotten() {
    let (_dir, database) = open();
    let instance = database
        .save_instance(None, "Cloud".to_owned(), "u".to_owned(), "c".to_owned())
        .await;
    let instance = instance.expect("saved").id;
    let kept = database
        .save_trigger(instance, "L".to_owned(), "p".to_owned())
        .await
        .expect("saved");
    database.remove_trigger(kept.id).await.expect("removed");
    assert!(
        database
            .saved_triggers(instance)
            .await
            .expect("read")
            .is_empty()
    );
}

#[tokio::test]
async fn a_workspace_is_created_empty_and_its_name_is_given_once() {
    let (_dir, database) = open();
    let create = |name: &str| database.create_workspace(name.to_owned(), at(1));
    let second = create("Second").await.expect("created");
    assert!(matches!(create("Second").await, Err(StoreError::NameTaken)));
    let all = database.workspaces().await.expect("read");
    assert_eq!(
        all.iter()
            .map(|one| (one.id, one.name.as_str()))
            .collect::<Vec<_>>(),
        [(WORKSPACE, "My workspace"), (second.id, "Second")]
    );
    let settings = database.settings(second.id).await.expect("read");
    assert_eq!(settings.concurrent_calls, 10);
    let configurations = database.configurations(second.id).await.expect("read");
    assert!(configurations.is_empty());
}
