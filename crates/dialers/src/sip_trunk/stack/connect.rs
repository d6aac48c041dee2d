//! The way to a trunk: its name looked up, a socket that faces it, and the connection where the
//! transport has one. All of it happens before anything of a call is sent, so that a call that
//! found no way is known to have rung nothing.

use super::super::settings::{Settings, Transport};
use super::{KEEP_ALIVE, PING};
use rsipstack::resolver::SipResolver;
use rsipstack::sip::{Domain, Port, Transport as Wire};
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transport::stream::StreamConnection;
use rsipstack::transport::tcp::TcpConnection;
use rsipstack::transport::tls::TlsConnection;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{
    SipAddr, SipConnection, TcpListenerConnection, TlsConfig, TransportLayer,
};
use rustls::client::danger::ServerCertVerifier;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Longest wait for a name or a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why there is no way to a trunk. The texts are for people; nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::sip_trunk) enum Unreached {
    #[error("the name of the SIP server is not known to the DNS")]
    NoSuchName,
    #[error("there is no way to the SIP server: this computer is offline, or the address is wrong")]
    NoRoute,
    #[error("the SIP server takes no connection at this port")]
    Refused,
    #[error("the SIP server does not answer the attempt to connect")]
    Silent,
    #[error("the SIP server's certificate is not trusted here")]
    Untrusted,
    #[error(
        "no encrypted connection with the SIP server comes about: it may not speak TLS at this port"
    )]
    NoTls,
    #[error("the CA certificate of the telephony configuration is not in PEM")]
    Certificate,
    #[error("no socket can be opened on this computer")]
    NoSocket,
}

/// See the module.
#[derive(Clone)]
pub(super) struct Way {
    /// Where the trunk is.
    pub target: SipAddr,
    /// Where this computer is, as the trunk's network sees it, with the port to be listened on.
    pub local: SocketAddr,
    remote: SocketAddr,
    connection: Arc<Mutex<Option<SipConnection>>>,
}

impl Way {
    pub async fn find(settings: &Settings) -> Result<Self, Unreached> {
        let wire = wire(settings.transport);
        let remote = match settings.host.parse() {
            Ok(ip) => SocketAddr::new(ip, settings.port.unwrap_or(usual_port(settings.transport))),
            Err(_) => look_up(settings, wire).await?,
        };
        let local = local_towards(remote).ok_or(Unreached::NoRoute)?;
        Ok(Self {
            target: SipAddr::new(wire, remote.into()),
            local: SocketAddr::new(local, 0),
            remote,
            connection: Arc::default(),
        })
    }

    /// Opens this end's socket, and says how it is reached from outside.
    pub async fn listen(
        &mut self,
        settings: &Settings,
        layer: &TransportLayer,
        stop: &CancellationToken,
    ) -> Result<SocketAddr, Unreached> {
        let told = |local: SocketAddr| {
            SocketAddr::new(settings.external.unwrap_or(local.ip()), local.port())
        };
        let no_socket = |_| Unreached::NoSocket;
        match settings.transport {
            Transport::Udp => {
                let socket = UdpSocket::bind(self.local).await.map_err(no_socket)?;
                self.local = socket.local_addr().map_err(no_socket)?;
                let connection = self.datagrams(socket, told(self.local), stop).await?;
                *self.connection.lock().await = Some(connection.clone());
                layer.add_transport(connection);
            }
            Transport::Tcp => {
                // The trunk may call back on a connection of its own.
                let free = std::net::TcpListener::bind(self.local).map_err(no_socket)?;
                self.local = free.local_addr().map_err(no_socket)?;
                drop(free);
                let listener = TcpListenerConnection::new(self.local, Some(told(self.local)));
                let listener = listener.await.map_err(|_| Unreached::NoSocket)?;
                layer.add_transport(listener.into());
            }
            Transport::Tls => {
                // Without a certificate of its own nobody can call back; the stack wants to know
                // an address all the same, so it gets one that nothing from outside reaches.
                let nowhere: IpAddr = match self.local {
                    SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                    SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
                };
                let socket = UdpSocket::bind((nowhere, 0)).await.map_err(no_socket)?;
                self.local
                    .set_port(socket.local_addr().map_err(no_socket)?.port());
                let connection = self.datagrams(socket, told(self.local), stop).await?;
                layer.add_transport(connection);
            }
        }
        Ok(told(self.local))
    }

    async fn datagrams(
        &self,
        socket: UdpSocket,
        told: SocketAddr,
        stop: &CancellationToken,
    ) -> Result<SipConnection, Unreached> {
        let stop = Some(stop.child_token());
        let connection = UdpConnection::from_socket(Arc::new(socket), Some(told), stop).await;
        connection
            .map(SipConnection::Udp)
            .map_err(|_| Unreached::NoSocket)
    }

    /// Connects where the transport has connections and there is none, or none any more.
    pub async fn connect(
        &self,
        settings: &Settings,
        endpoint: &EndpointInnerRef,
    ) -> Result<(), Unreached> {
        let layer = &endpoint.transport_layer;
        let mut held = self.connection.lock().await;
        if settings.transport == Transport::Udp || held.is_some() && layer.connections_count() > 0 {
            return Ok(());
        }
        let connected = tokio::time::timeout(CONNECT_TIMEOUT, async {
            match settings.transport {
                Transport::Tls => self.connect_tls(settings, endpoint).await,
                _ => TcpConnection::connect(&self.target, None)
                    .await
                    .map(SipConnection::Tcp)
                    .map_err(unreached),
            }
        });
        let connection = connected.await.map_err(|_| Unreached::Silent)??;
        layer.add_connection(connection.clone());
        *held = Some(connection);
        Ok(())
    }

    async fn connect_tls(
        &self,
        settings: &Settings,
        endpoint: &EndpointInnerRef,
    ) -> Result<SipConnection, Unreached> {
        let ca_certs = settings.ca_certificate.as_ref();
        if !ca_certs.is_none_or(|pem| pem.contains("-----BEGIN CERTIFICATE-----")) {
            return Err(Unreached::Certificate);
        }
        let config = TlsConfig {
            ca_certs: ca_certs.map(|pem| pem.clone().into_bytes()),
            sni_hostname: Some(settings.host.clone()),
            ..TlsConfig::default()
        };
        let verifier = match ca_certs {
            Some(_) => None,
            None => Some(system_trust()?),
        };
        // For a connection that broke in the middle of a call.
        endpoint.transport_layer.set_tls_config(config.clone());
        TlsConnection::connect(&self.target, Some(&config), verifier, None)
            .await
            .map(SipConnection::Tls)
            .map_err(unreached)
    }

    pub const fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// Whether this computer is still where it was: it may have been carried elsewhere.
    pub fn is_still_so(&self) -> bool {
        local_towards(self.remote) == Some(self.local.ip())
    }

    /// Keeps the way back open.
    pub async fn keep_alive(self, endpoint: EndpointInnerRef, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(KEEP_ALIVE) => {}
                () = stop.cancelled() => return,
            }
            let connection = self.connection.lock().await.clone();
            let sent = match &connection {
                Some(SipConnection::Udp(connection)) => {
                    connection.send_raw(PING, &self.target).await
                }
                Some(SipConnection::Tcp(connection)) => connection.send_raw(PING).await,
                Some(SipConnection::Tls(connection)) => connection.send_raw(PING).await,
                _ => Ok(()),
            };
            if let (Err(error), Some(connection)) = (sent, connection) {
                tracing::debug!(%error, "the way to a SIP trunk is closed");
                if connection.is_reliable() {
                    endpoint.transport_layer.remove_connection(&connection);
                }
            }
        }
    }
}

const fn wire(transport: Transport) -> Wire {
    match transport {
        Transport::Udp => Wire::Udp,
        Transport::Tcp => Wire::Tcp,
        Transport::Tls => Wire::Tls,
    }
}

/// RFC 3261 §19.1.2.
const fn usual_port(transport: Transport) -> u16 {
    match transport {
        Transport::Udp | Transport::Tcp => 5060,
        Transport::Tls => 5061,
    }
}

/// By its SRV records where it has them and no port was entered (RFC 3263).
async fn look_up(settings: &Settings, wire: Wire) -> Result<SocketAddr, Unreached> {
    let name = Domain::from(settings.host.as_str());
    let port = settings.port.map(Port::from);
    let resolver = SipResolver::default();
    let is_secure = settings.transport == Transport::Tls;
    let found = resolver.lookup(&name, port, Some(wire), is_secure);
    let found = tokio::time::timeout(CONNECT_TIMEOUT, found).await;
    let found = found.map_err(|_| Unreached::NoSuchName)?;
    let found = found.map_err(|_| Unreached::NoSuchName)?;
    found
        .first()
        .map(|target| target.addr)
        .ok_or(Unreached::NoSuchName)
}

/// The address that this computer's packets to there have. Nothing is sent.
fn local_towards(remote: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = match remote {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = std::net::UdpSocket::bind((any, 0)).ok()?;
    socket.connect(remote).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn system_trust() -> Result<Arc<dyn ServerCertVerifier>, Unreached> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    match rustls_platform_verifier::Verifier::new(provider) {
        Ok(verifier) => Ok(Arc::new(verifier)),
        Err(_) => Err(Unreached::Untrusted),
    }
}

fn unreached(error: rsipstack::Error) -> Unreached {
    let rsipstack::Error::IoError(error) = error else {
        return Unreached::Certificate;
    };
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (tls, error.kind()) {
        (Some(rustls::Error::InvalidCertificate(_)), _) => Unreached::Untrusted,
        (Some(_), _) | (None, io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => {
            Unreached::NoTls
        }
        (None, io::ErrorKind::ConnectionRefused) => Unreached::Refused,
        (None, io::ErrorKind::TimedOut) => Unreached::Silent,
        (None, _) => Unreached::NoRoute,
    }
}
