// SPDX-License-Identifier: MIT
import CSSL
import Health

/// What TLS sessions have in common: versions, and whom they trust.
@safe  // The pointer is valid from the end of `init` until `deinit`, and never leaves but to OpenSSL.
final class TLSContext: @unchecked Sendable {  // Not changed after `init`; OpenSSL locks what sessions share of it.
  private let context: OpaquePointer
  let verifies: Bool

  private static let verifying = Result { () throws(CheckFailure) in try TLSContext(verifies: true) }
  private static let indifferent = Result { () throws(CheckFailure) in try TLSContext(verifies: false) }

  /// The one that all sessions of this kind use: the trust store is read once.
  static func shared(verifies: Bool) throws(CheckFailure) -> TLSContext {
    try (verifies ? verifying : indifferent).get()
  }

  /// Where certificates are not verified, keys that OpenSSL thinks too short will do as well. `trust` is a file of trusted
  /// certificates in PEM; nil for the system's.
  init(verifies: Bool, trust: String? = nil) throws(CheckFailure) {
    self.verifies = verifies
    guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw openSSLFailure(.local, "SSL_CTX_new") }
    unsafe self.context = context
    guard unsafe culvert_ssl_set_oldest_version(context, TLS1_2_VERSION) == 1 else {
      throw openSSLFailure(.local, "SSL_CTX_set_min_proto_version")
    }
    if verifies { try requireTrust(in: trust) } else { unsafe SSL_CTX_set_security_level(context, 0) }
  }

  private func requireTrust(in file: String?) throws(CheckFailure) {
    unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    let isRead =
      if let file {
        unsafe SSL_CTX_load_verify_file(context, file)
      } else {
        unsafe SSL_CTX_set_default_verify_paths(context)
      }
    guard isRead == 1 else { throw openSSLFailure(.local, "cannot read trusted certificates") }
  }

  deinit {
    unsafe SSL_CTX_free(context)
  }

  /// OpenSSL's state of a new session, owned by the caller.
  @unsafe func makeSession() -> OpaquePointer? { unsafe SSL_new(context) }
}

/// What OpenSSL says about the call of this thread that failed; `context` stands before its reason.
func openSSLFailure(_ kind: CheckFailure.Kind, _ context: String) -> CheckFailure {
  let reason = unsafe ERR_reason_error_string(ERR_peek_error()).map { unsafe String(cString: $0) }
  ERR_clear_error()
  return CheckFailure(kind, [context, reason ?? ""].filter { !$0.isEmpty }.joined(separator: ": "))
}
