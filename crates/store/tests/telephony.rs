//! Telephony configurations and numbers (contract §6.1 and §6.3).

mod common;

use common::{CONFIGURATION, WORKSPACE, at, begin_one, get, open};
use serde_json::json;
use switchhook_core::ids::{TelephonyConfigurationId, WorkspaceId};
use switchhook_core::ports::{
    ConfigurationChange, NewConfiguration, NewPhoneNumber, NumberHolder, PhoneNumberChange,
    StoreError, Telephony,
};
use switchhook_core::telephony::TelephonyConfiguration;
use switchhook_store::Database;

fn new(name: &str, is_default: bool) -> NewConfiguration {
    let (provider, settings) = ("desk_phone".to_owned(), json!({"a": {"b": 1}}));
    NewConfiguration {
        workspace_id: WORKSPACE,
        name: name.to_owned(),
        provider,
        is_default,
        settings,
        sealed_credentials: None,
        account_hash: None,
        at: at(1),
    }
}

fn number(address: &str, is_default_caller_id: bool) -> NewPhoneNumber {
    NewPhoneNumber {
        address: address.to_owned(),
        address_normalized: address.replace(' ', ""),
        address_type: "pstn".to_owned(),
        country_code: None,
        label: Some("Front desk".to_owned()),
        inbound_agent_id: None,
        trunk_id: None,
        is_active: true,
        is_default_caller_id,
        extra_metadata: json!({}),
        at: at(1),
    }
}

async fn create(database: &Database, name: &str, is_default: bool) -> TelephonyConfiguration {
    database
        .create_configuration(new(name, is_default))
        .await
        .expect("created")
}

async fn defaults(database: &Database) -> Vec<String> {
    let all = database.configurations(WORKSPACE).await.expect("read");
    all.into_iter()
        .filter(|one| one.is_default)
        .map(|one| one.name)
        .collect()
}

#[tokio::test]
async fn claiming_the_default_demotes_the_old_one() {
    let (_dir, database) = open();
    assert_eq!(defaults(&database).await, ["Desk phone"]);
    let second = create(&database, "Second", true).await;
    assert_eq!(defaults(&database).await, ["Second"]);
    create(&database, "Third", false).await;
    assert_eq!(defaults(&database).await, ["Second"]);
    let claim = ConfigurationChange {
        is_default: Some(true),
        ..ConfigurationChange::default()
    };
    database
        .change_configuration(WORKSPACE, CONFIGURATION, claim.clone(), at(2))
        .await
        .expect("changed");
    assert_eq!(defaults(&database).await, ["Desk phone"]);
    database
        .change_configuration(WORKSPACE, CONFIGURATION, claim, at(3))
        .await
        .expect("claimed twice");
    assert_eq!(defaults(&database).await, ["Desk phone"]);
    let second = database
        .configuration(WORKSPACE, second.id)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(
        (second.settings, second.updated_at),
        (json!({"a": {"b": 1}}), at(2))
    );
}

#[tokio::test]
async fn the_only_configuration_does_not_become_the_default_by_itself() {
    let (_dir, database) = open();
    assert!(
        database
            .delete_configuration(WORKSPACE, CONFIGURATION, at(1))
            .await
            .expect("deleted")
    );
    create(&database, "Only", false).await;
    assert!(defaults(&database).await.is_empty());
}

#[tokio::test]
async fn a_name_is_given_once() {
    let (_dir, database) = open();
    let second = create(&database, "Second", false).await;
    let refused = database.create_configuration(new("Second", false)).await;
    assert!(matches!(refused, Err(StoreError::NameTaken)));
    let rename = |name: &str| ConfigurationChange {
        name: Some(name.to_owned()),
        ..ConfigurationChange::default()
    };
    let refused = database
        .change_configuration(WORKSPACE, second.id, rename("Desk phone"), at(2))
        .await;
    assert!(matches!(refused, Err(StoreError::NameTaken)));
    let same = database
        .change_configuration(WORKSPACE, second.id, rename("Second"), at(2))
        .await;
    assert_eq!(same.expect("its own name").expect("there").name, "Second");
}

#[tokio::test]
async fn an_inactive_configuration_is_brought_back() {
    let (_dir, database) = open();
    let inactive = |inactive| ConfigurationChange {
        inactive: Some(inactive),
        ..ConfigurationChange::default()
    };
    let off = database
        .change_configuration(WORKSPACE, CONFIGURATION, inactive(true), at(5))
        .await;
    assert_eq!(
        off.expect("changed")
            .expect("there")
            .inactive
            .expect("inactive")
            .since,
        at(5)
    );
    let on = database
        .change_configuration(WORKSPACE, CONFIGURATION, inactive(false), at(6))
        .await;
    assert!(on.expect("changed").expect("there").inactive.is_none());
}

#[tokio::test]
async fn a_deleted_configuration_takes_its_numbers_and_leaves_its_runs() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    assert!(
        database
            .delete_configuration(WORKSPACE, CONFIGURATION, at(1))
            .await
            .expect("deleted")
    );
    assert!(
        !database
            .delete_configuration(WORKSPACE, CONFIGURATION, at(2))
            .await
            .expect("gone")
    );
    assert_eq!(get(&database, run).await.configuration_id, CONFIGURATION);
    let other = create(&database, "Other", false).await;
    let free = database
        .create_phone_number(WORKSPACE, other.id, number("+15550100199", false))
        .await;
    assert!(free.expect("the number went with it").is_some());
}

#[tokio::test]
async fn a_normalised_number_is_taken_once_and_the_error_names_the_owner() {
    let (_dir, database) = open();
    let other = create(&database, "Other", false).await;
    let refused = database
        .create_phone_number(WORKSPACE, other.id, number("+1 555 010 0199", false))
        .await;
    let owner = NumberHolder::Configuration("Desk phone".to_owned());
    assert!(matches!(refused, Err(StoreError::NumberTaken { holder, .. }) if holder == owner));
}

#[tokio::test]
async fn claiming_the_default_caller_id_demotes_the_old_one_in_its_configuration_alone() {
    let (_dir, database) = open();
    let other = create(&database, "Other", false).await.id;
    let theirs = database
        .create_phone_number(WORKSPACE, other, number("+15550100001", true))
        .await;
    let theirs = theirs.expect("created").expect("there");
    let ours = database
        .create_phone_number(WORKSPACE, CONFIGURATION, number("+15550100002", false))
        .await;
    let ours = ours.expect("created").expect("there");
    assert!(!ours.is_default_caller_id);
    let claim = PhoneNumberChange {
        is_default_caller_id: Some(true),
        ..PhoneNumberChange::default()
    };
    database
        .change_phone_number(WORKSPACE, CONFIGURATION, ours.id, claim, at(2))
        .await
        .expect("changed");
    let all = database.configurations(WORKSPACE).await.expect("read");
    let defaults: Vec<_> = all
        .iter()
        .flat_map(|one| &one.numbers)
        .filter(|one| one.is_default_caller_id)
        .map(|one| one.id)
        .collect();
    assert_eq!(defaults, [ours.id, theirs.id]);
}

#[tokio::test]
async fn a_number_changes_only_where_it_is_told_to() {
    let (_dir, database) = open();
    let made = database
        .create_phone_number(WORKSPACE, CONFIGURATION, number("+15550100002", false))
        .await;
    let made = made.expect("created").expect("there");
    let change = PhoneNumberChange {
        is_active: Some(false),
        ..PhoneNumberChange::default()
    };
    let changed = database
        .change_phone_number(WORKSPACE, CONFIGURATION, made.id, change.clone(), at(2))
        .await;
    let changed = changed.expect("changed").expect("there");
    assert!(!changed.is_active);
    assert_eq!(
        (changed.label.as_deref(), changed.updated_at),
        (Some("Front desk"), at(2))
    );
    let elsewhere = TelephonyConfigurationId(99);
    let missing = database
        .change_phone_number(WORKSPACE, elsewhere, made.id, change, at(3))
        .await;
    assert!(missing.expect("read").is_none());
    assert!(
        database
            .delete_phone_number(WORKSPACE, CONFIGURATION, made.id, at(3))
            .await
            .expect("deleted")
    );
    assert!(
        !database
            .delete_phone_number(WORKSPACE, CONFIGURATION, made.id, at(3))
            .await
            .expect("gone")
    );
}

#[tokio::test]
async fn another_workspaces_configuration_is_not_there() {
    let (_dir, database) = open();
    let stranger = WorkspaceId(2);
    assert!(
        database
            .configuration(stranger, CONFIGURATION)
            .await
            .expect("read")
            .is_none()
    );
    assert!(
        !database
            .delete_configuration(stranger, CONFIGURATION, at(1))
            .await
            .expect("read")
    );
    let number = database
        .create_phone_number(stranger, CONFIGURATION, number("+15550100002", false))
        .await;
    assert!(number.expect("read").is_none());
}

#[tokio::test]
async fn sealed_credentials_stay_until_they_are_replaced() {
    let (_dir, database) = open();
    let with = NewConfiguration {
        sealed_credentials: Some(vec![1, 2, 3]),
        ..new("Twilio", false)
    };
    let created = database.create_configuration(with).await.expect("created");
    assert_eq!(created.sealed_credentials, Some(vec![1, 2, 3]));
    let change = |change| database.change_configuration(WORKSPACE, created.id, change, at(2));
    let rename = ConfigurationChange {
        name: Some("Renamed".to_owned()),
        ..ConfigurationChange::default()
    };
    let renamed = change(rename).await.expect("changed").expect("there");
    assert_eq!(renamed.sealed_credentials, Some(vec![1, 2, 3]));
    let replace = ConfigurationChange {
        sealed_credentials: Some(vec![4]),
        ..ConfigurationChange::default()
    };
    change(replace).await.expect("changed");
    let all = database.configurations(WORKSPACE).await.expect("read");
    let sealed: Vec<_> = all.into_iter().map(|one| one.sealed_credentials).collect();
    assert_eq!(sealed, [None, Some(vec![4])]);
}
