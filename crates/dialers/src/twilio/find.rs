//! Finding a call again whose id was lost with the dial's answer: by the two numbers and the time.
//! Twilio takes no id of ours with a dial that it would show again, so this is an inference, and
//! it is only believed where exactly one call fits. Calls that are known to be other runs' are
//! passed over.
//!
//! The list is not asked by date: a call that still waits in Twilio's queue has no start time
//! (its Call resource, `start_time`), and a filter by it would hide the call that is looked for.

use super::account::Account;
use super::words::Call;
use crate::exchange::About;
use crate::http::{Http, timestamp};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Url};
use serde::Deserialize;
use switchhook_core::ports::CallRef;

/// Calls on one page; more would not fit into the longest body that is read.
const PAGE: &str = "20";
/// How many pages are read before the search is given up.
const PAGES: usize = 5;
/// A call may have been created this long before it was dialled, by clocks that differ …
const BEFORE: SignedDuration = SignedDuration::from_secs(5);
/// … and this long after: a dial is given up long before.
const AFTER: SignedDuration = SignedDuration::from_secs(60);

/// What the list says.
pub(super) enum Found {
    One(Box<Call>),
    /// The whole list was read and no call fits.
    None,
    /// The list could not be read, or more than one call fits.
    Unclear,
}

#[derive(Deserialize)]
struct Page {
    calls: Vec<Call>,
    next_page_uri: Option<String>,
}

/// A page, and what Twilio's clock shows more than ours.
struct Read {
    page: Page,
    ahead: SignedDuration,
}

/// Looks for the call at Twilio.
pub(super) async fn find(
    account: &Account,
    http: &Http,
    call: &CallRef,
    about: &About<'_>,
    now: impl Fn() -> Timestamp,
) -> Found {
    let mut url = account.calls();
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("To", &call.destination);
        if let Some(from) = &call.caller_id {
            query.append_pair("From", from);
        }
        query.append_pair("PageSize", PAGE);
    }
    let mut fitting = None;
    for _ in 0..PAGES {
        let Some(Read { page, ahead }) = read(account, http, url.clone(), about, &now).await else {
            return Found::Unclear;
        };
        let dialled_at = call
            .dialled_at
            .saturating_add(ahead)
            .unwrap_or(Timestamp::MAX);
        let is_past = is_past(&page, dialled_at);
        for candidate in page.calls {
            match fits(&candidate, call, dialled_at) {
                Some(false) => {}
                // A new call meanwhile moves others to the next page.
                Some(true) if is_same(fitting.as_ref(), &candidate) => {}
                Some(true) if fitting.is_none() => fitting = Some(candidate),
                Some(true) | None => return Found::Unclear,
            }
        }
        match next(&url, page.next_page_uri.as_deref()) {
            Some(next) if !is_past => url = next,
            _ => {
                return fitting.map_or(Found::None, |call| Found::One(Box::new(call)));
            }
        }
    }
    Found::Unclear
}

async fn read(
    account: &Account,
    http: &Http,
    url: Url,
    about: &About<'_>,
    now: &impl Fn() -> Timestamp,
) -> Option<Read> {
    let answer = account
        .ask(http, Method::GET, url, None, about)
        .await
        .ok()?;
    let page = serde_json::from_slice(&answer.body).ok();
    let page = page.filter(|_| answer.status == 200 && answer.is_whole)?;
    let ahead = answer.date.map(|date| date.duration_since(now()));
    Some(Read {
        page,
        ahead: ahead.unwrap_or_default(),
    })
}

/// Whether the page is in order, newest call first, and reaches back beyond the dial: then no
/// later page can hold the call.
fn is_past(page: &Page, dialled_at: Timestamp) -> bool {
    let created: Option<Vec<_>> = page.calls.iter().map(created).collect();
    created.is_some_and(|created| {
        let oldest = created.last();
        created.is_sorted_by(|newer, older| newer >= older)
            && oldest.is_some_and(|oldest| oldest.duration_since(dialled_at) < -BEFORE)
    })
}

/// The next page's address. Only its query is taken, so that nobody can send the credentials
/// elsewhere.
fn next(url: &Url, next_page_uri: Option<&str>) -> Option<Url> {
    let (_, query) = next_page_uri?.split_once('?')?;
    let mut next = url.clone();
    next.set_query(Some(query));
    Some(next)
}

fn created(call: &Call) -> Option<Timestamp> {
    timestamp(call.date_created.as_deref()?)
}

fn is_same(one: Option<&Call>, other: &Call) -> bool {
    one.is_some_and(|one| one.sid.is_some() && one.sid == other.sid)
}

/// Whether this is the call; `None` when that cannot be told.
fn fits(candidate: &Call, call: &CallRef, dialled_at: Timestamp) -> Option<bool> {
    let is_others = |sid| call.others.contains(sid);
    let is_ours = !candidate.sid.as_ref().is_some_and(is_others)
        && candidate.to.as_deref() == Some(call.destination.as_str())
        && (call.caller_id.is_none() || candidate.from == call.caller_id)
        && candidate
            .direction
            .as_deref()
            .is_none_or(|direction| direction == "outbound-api");
    if !is_ours {
        return Some(false);
    }
    let age = created(candidate)?.duration_since(dialled_at);
    Some((-BEFORE..=AFTER).contains(&age))
}
