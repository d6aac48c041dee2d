//! What is true of a provider, as data: which fields its settings form has, how each is read out of
//! a request, which of them are secrets, and what has to be set up before it can place calls
//! (contract §6.1, §6.2, §15). The rows are the dialers' crate's; reading requests by them is the
//! server's.

use crate::destination::DestinationScheme;

/// How a field stands in a request, and what stands there when it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A text that must be there; it may be empty.
    Required,
    /// A text of at least one character that must be there.
    Filled,
    /// A text or null.
    Optional,
    /// A text, else this one; never null.
    Or(&'static str),
    /// A host name that must be there; one without a dot is given this ending.
    Host(&'static str),
    /// True or false, false when absent.
    Flag,
    /// True or false, true when absent.
    FlagUnlessNot,
    /// One of these words, the first when absent. Each word stands twice, as the rule wants it.
    Words(&'static [(&'static str, &'static str)]),
    /// A whole number between two bounds, the third when absent.
    Whole(i64, i64, i64),
    /// An object of its own, whose fields have its name and a dot before theirs; null is fine
    /// unless it is required.
    Group { required: bool },
    /// Never read from a request: made once, of this beginning and twelve hexadecimal digits.
    Minted(&'static str),
    /// Stands in the form only: phone numbers are a resource of their own.
    Shown,
}

/// Where a field is offered to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    Always,
    /// Only with the preference for external PBX integrations (contract §6.1).
    WithExternalPbx,
    /// By the API alone.
    Never,
}

/// A field of a provider's settings form (contract §6.1).
#[derive(Clone, Copy, Debug)]
pub struct ProviderField {
    /// Dotted where the field is inside of a [`Entry::Group`].
    pub name: &'static str,
    pub label: &'static str,
    /// `text`, `password`, `textarea`, `checkbox`, `select`, `readonly`, `string-array`.
    pub kind: &'static str,
    /// Whether the form asks for it; what a request must have says [`ProviderField::entry`].
    pub required: bool,
    /// Sealed, and masked wherever it is shown.
    pub sensitive: bool,
    pub description: &'static str,
    pub placeholder: Option<&'static str>,
    /// Values with their labels, of a `select`.
    pub options: &'static [(&'static str, &'static str)],
    /// Shown while another field has this value.
    pub visible_when: Option<(&'static str, &'static str)>,
    pub section: Option<&'static str>,
    pub entry: Entry,
    pub offered: Offered,
    /// Whether secrets are sent to this address, so that they belong to it.
    pub is_address: bool,
}

impl ProviderField {
    const fn new(name: &'static str, label: &'static str, kind: &'static str) -> Self {
        Self {
            name,
            label,
            kind,
            required: true,
            sensitive: false,
            description: "",
            placeholder: None,
            options: &[],
            visible_when: None,
            section: None,
            entry: Entry::Required,
            offered: Offered::Always,
            is_address: false,
        }
    }

    /// A line of text that must be there.
    #[must_use]
    pub const fn text(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, "text")
    }

    /// A secret line that must be there.
    #[must_use]
    pub const fn password(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, "password").masked()
    }

    /// Several lines that must be there.
    #[must_use]
    pub const fn lines(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, "textarea")
    }

    /// A box to tick.
    #[must_use]
    pub const fn flag(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, "checkbox").read_as(Entry::Flag)
    }

    /// A name that is made here, to be copied.
    #[must_use]
    pub const fn minted(name: &'static str, label: &'static str, start: &'static str) -> Self {
        Self::new(name, label, "readonly").read_as(Entry::Minted(start))
    }

    /// The place of the numbers in the reference's form.
    #[must_use]
    pub const fn numbers(label: &'static str, description: &'static str) -> Self {
        let field = Self::new("from_numbers", label, "string-array");
        Self {
            entry: Entry::Shown,
            description,
            ..field
        }
    }

    /// One of some values.
    #[must_use]
    pub const fn select(
        name: &'static str,
        label: &'static str,
        options: &'static [(&'static str, &'static str)],
    ) -> Self {
        let field = Self::new(name, label, "select");
        Self { options, ..field }
    }

    /// An object around other fields; in no form.
    #[must_use]
    pub const fn group(name: &'static str, required: bool) -> Self {
        Self::new(name, "", "group").of_api(Entry::Group { required })
    }

    /// A field of the API alone.
    #[must_use]
    pub const fn hidden(name: &'static str, entry: Entry) -> Self {
        Self::new(name, "", "text").of_api(entry)
    }

    const fn of_api(self, entry: Entry) -> Self {
        Self {
            entry,
            offered: Offered::Never,
            ..self
        }
    }

    /// Says what to enter.
    #[must_use]
    pub const fn says(self, description: &'static str) -> Self {
        Self {
            description,
            ..self
        }
    }

    /// Shows an example.
    #[must_use]
    pub const fn such_as(self, placeholder: &'static str) -> Self {
        Self {
            placeholder: Some(placeholder),
            ..self
        }
    }

    /// Makes it a secret.
    #[must_use]
    pub const fn masked(self) -> Self {
        Self {
            sensitive: true,
            ..self
        }
    }

    /// Neither the form nor a request must have it.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self {
            required: false,
            entry: Entry::Optional,
            ..self
        }
    }

    /// A form may leave it out.
    #[must_use]
    pub const fn not_asked(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }

    /// Reads it otherwise out of a request.
    #[must_use]
    pub const fn read_as(self, entry: Entry) -> Self {
        let required = !matches!(entry, Entry::Flag | Entry::FlagUnlessNot | Entry::Minted(_));
        Self {
            required,
            entry,
            ..self
        }
    }

    /// Secrets go to this address.
    #[must_use]
    pub const fn address(self) -> Self {
        Self {
            is_address: true,
            ..self
        }
    }

    /// Puts it under a heading, shown while another field has a value.
    #[must_use]
    pub const fn of_external_pbx(
        self,
        section: &'static str,
        visible_when: Option<(&'static str, &'static str)>,
    ) -> Self {
        Self {
            section: Some(section),
            visible_when,
            offered: Offered::WithExternalPbx,
            ..self
        }
    }

    /// The name within its group.
    #[must_use]
    pub fn own_name(&self) -> &'static str {
        self.name
            .rsplit_once('.')
            .map_or(self.name, |(_, name)| name)
    }

    /// The name of its group; empty at the top.
    #[must_use]
    pub fn group_name(&self) -> &'static str {
        self.name.rsplit_once('.').map_or("", |(group, _)| group)
    }

    /// Where its value stands in the settings.
    #[must_use]
    pub fn pointer(&self) -> String {
        format!("/{}", self.name.replace('.', "/"))
    }
}

/// How far a call can be followed by asking the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polling {
    /// Every state and how it ended.
    Full,
    /// Only whether it still goes on.
    AliveOnly,
    /// Nothing, or the carrier tells by itself.
    None,
}

impl Polling {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::AliveOnly => "alive-only",
            Self::None => "none",
        }
    }
}

/// Who speaks on an answered call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// The carrier, what it was handed along with the dial.
    Carrier,
    /// The agent, on a line that is handed out.
    Line,
    /// Nobody.
    None,
}

impl Speech {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Carrier => "carrier",
            Self::Line => "line",
            Self::None => "none",
        }
    }
}

/// One thing to set up (contract §15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// The account's credentials and its SIP domain are saved.
    SipDomain,
    /// A trunk to call out through; nothing waits for it.
    OutboundTrunk,
    /// An active number to call from.
    CallerId,
    /// Which number calls through which trunk; asked with several trunks only.
    TrunkAssignment,
    /// An agent answers calls to a number; nothing waits for it.
    InboundRouting,
}

/// What is true of every configuration of a provider.
#[derive(Clone, Copy, Debug)]
pub struct ProviderFacts {
    /// The id on the wire, such as `desk_phone`.
    pub id: &'static str,
    pub display_name: &'static str,
    /// `api`, `sip` or `local`.
    pub connectivity: &'static str,
    pub scheme: DestinationScheme,
    /// Whether its calls live in this process and end with it; any other carrier's go on.
    pub is_in_process: bool,
    /// Whether there is a dialer for it. A configuration of a provider without one can be kept, and
    /// is not ready.
    pub can_dial: bool,
    /// What has to be set up, in the order in which it is told.
    pub setup: &'static [Setup],
    /// Whether a call can be ended from here.
    pub can_hang_up: bool,
    /// Whether the carrier can be asked what became of a call.
    pub can_look_up: bool,
    /// Whether calls can be recorded.
    pub can_record: bool,
    /// Whether keys can be pressed towards the callee, and the callee's are heard.
    pub has_keys: bool,
    /// Whether it tells a machine that answers from a person.
    pub detects_machines: bool,
    pub speech: Speech,
    /// Whether no call can be followed without a public address that it can call back at.
    pub needs_public_url: bool,
    /// From an accepted dial to its first word about the callee, in seconds. A carrier that tells at
    /// once that it works on the call is given up sooner than one that is silent until it rings.
    pub dialing_seconds: u64,
    /// Whether following a call by asking is enough when there is no public URL.
    pub polling: Polling,
    pub fields: &'static [ProviderField],
    /// The field that says whose account it is; a number is with one account once.
    pub account_field: Option<&'static str>,
    /// Whether its configurations have trunks (contract §6.5).
    pub has_trunks: bool,
    pub docs_url: Option<&'static str>,
}

impl ProviderFacts {
    /// A provider that places no calls and has no settings, to be filled in.
    #[must_use]
    pub const fn unserved(id: &'static str, display_name: &'static str) -> Self {
        Self {
            id,
            display_name,
            connectivity: "api",
            scheme: DestinationScheme::Phone,
            is_in_process: false,
            can_dial: false,
            setup: &[Setup::CallerId],
            can_hang_up: false,
            can_look_up: false,
            can_record: false,
            has_keys: false,
            detects_machines: false,
            speech: Speech::None,
            needs_public_url: false,
            dialing_seconds: 15,
            polling: Polling::None,
            fields: &[],
            account_field: None,
            has_trunks: false,
            docs_url: None,
        }
    }
}
