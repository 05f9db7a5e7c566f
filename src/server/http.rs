//! The HTTP side: its ports, what serves on them, and the key that it keeps.

use std::net::TcpListener;
use std::sync::Arc;

use super::open;
use crate::config::Config;
use crate::exit::Failure;
use crate::http::{self, CodeKey, Context, HttpState, OperatorKey};
use crate::log;
use crate::store::PseudonymKey;
use crate::store::sqlite::Sqlite;

/// The ports: one, or two when the operator's pages are apart.
pub(super) struct Ports {
    public: TcpListener,
    ops: Option<TcpListener>,
}

impl Ports {
    pub(super) fn open(config: &Config) -> Result<Ports, Failure> {
        let ops = |address| open::http_port("admin_listen", address);
        Ok(Ports {
            public: open::http_port("http", config.http)?,
            ops: config.admin_listen.map(ops).transpose()?,
        })
    }
}

/// What serves on them.
pub(super) struct Http {
    pub(super) public: http::Server,
    ops: Option<http::Server>,
}

impl Http {
    pub(super) fn serve(
        ports: Ports,
        state: HttpState,
        context: Arc<Context>,
    ) -> Result<Http, Failure> {
        let serve =
            |name, listener, router| http::serve(name, listener, router).map_err(Failure::system);
        let public = http::public_router(Arc::clone(&context));
        let ops = http::ops_router(state).merge(http::admin_router(context));
        match ports.ops {
            None => Ok(Http {
                public: serve("pairline-http", ports.public, public.merge(ops))?,
                ops: None,
            }),
            Some(listener) => {
                let ops = serve("pairline-ops", listener, ops)?;
                // The port may be one that the system picked.
                tracing::info!(address = %ops.address(), "admin_listen");
                Ok(Http {
                    public: serve("pairline-http", ports.public, public)?,
                    ops: Some(ops),
                })
            }
        }
    }

    pub(super) fn stop(self) {
        self.public.stop();
        if let Some(ops) = self.ops {
            ops.stop();
        }
    }
}

/// The key for codes, which outlives the process as they do.
pub(super) fn code_key(store: &Sqlite) -> Result<CodeKey, Failure> {
    key(store, "codes").map(CodeKey)
}

/// The key for pseudonyms, which are the same for ever.
pub(super) fn pseudonym_key(store: &Sqlite) -> Result<PseudonymKey, Failure> {
    key(store, "pseudonyms").map(PseudonymKey)
}

fn key(store: &Sqlite, name: &str) -> Result<[u8; 32], Failure> {
    let mut fresh = [0; 32];
    getrandom::fill(&mut fresh)
        .map_err(|error| Failure::system(format!("random numbers: {error}")))?;
    store.secret(name, &fresh).map_err(Failure::system)
}

/// What the operator's token is known by: the one that the operator has set, or
/// one that is made at the first start without, and shown then and never again.
pub(super) fn operator_key(store: &Sqlite, config: &Config) -> Result<OperatorKey, Failure> {
    if let Some(token) = &config.admin_token {
        return Ok(OperatorKey::of(token.expose()));
    }
    let (token, fresh) = OperatorKey::make().map_err(Failure::system)?;
    let kept = store.secret("operator", &fresh).map_err(Failure::system)?;
    if kept == fresh {
        log::say_token(&token);
    }
    Ok(OperatorKey::kept(kept))
}
