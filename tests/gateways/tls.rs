//! A webhook over TLS, with a certificate that only it vouches for.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

/// See the module. It answers for as long as the test runs.
pub(crate) struct Tls {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    folder: TempDir,
}

impl Tls {
    pub(crate) fn start() -> Tls {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]);
        let made = made.expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("they belong together");
        let folder = tempfile::tempdir().expect("a temporary directory");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let tls = Tls {
            address: listener.local_addr().expect("it is bound"),
            heard: Arc::default(),
            folder,
        };
        std::fs::write(tls.authority(), made.cert.pem()).expect("it is writable");
        let (heard, config) = (Arc::clone(&tls.heard), Arc::new(config));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(request) = serve(stream, &config) {
                    heard.lock().expect("nobody panics").push(request);
                }
            }
        });
        tls
    }

    /// What vouches for it.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// All requests so far.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panics").clone()
    }
}

/// The request, if the client trusts us with one.
fn serve(stream: TcpStream, config: &Arc<ServerConfig>) -> Option<String> {
    let connection = ServerConnection::new(Arc::clone(config)).expect("a sound configuration");
    let mut stream = StreamOwned::new(connection, stream);
    let mut request = Vec::new();
    while !request.ends_with(b"}") {
        let mut part = [0; 1024];
        let length = stream.read(&mut part).ok().filter(|length| *length > 0)?;
        request.extend_from_slice(&part[..length]);
    }
    stream
        .write_all(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        .ok()?;
    Some(String::from_utf8(request).expect("text"))
}
