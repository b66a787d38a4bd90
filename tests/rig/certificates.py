"""Self-signed TLS certificates."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def accepts_all() -> ssl.SSLContext:
    """Return the TLS settings of a client that accepts every certificate."""
    anyone = ssl.create_default_context()
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    return anyone


async def certificate_at(host: str, port: int) -> bytes | None:
    """Return the certificate that a server presents, in DER."""
    _, writer = await asyncio.open_connection(host, port, ssl=accepts_all())
    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    return connection.getpeercert(binary_form=True)


def self_signed(
    folder: Path, host: str = "localhost", *, begins: datetime | None = None, lifetime: timedelta = timedelta(days=1)
) -> tuple[Path, Path]:
    """Write a certificate and its key as PEM files into ``folder``, and replace existing ones."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    begins = begins or datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + lifetime)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].touch(mode=0o600)
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def renewed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate and its key as certbot does: as new files, to which the links in ``folder`` then lead."""
    archive = folder / f"archive-{len(list(folder.glob('archive-*')))}"
    archive.mkdir()
    links: list[Path] = []
    for file in self_signed(archive):
        new = folder / f"{file.name}.new"
        new.symlink_to(file)
        links.append(new.rename(folder / file.name))
    return links[0], links[1]
