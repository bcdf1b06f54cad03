// SPDX-License-Identifier: MIT

// What surrounds reports on the wire.

/// The answer to `GET /v1/servers`.
struct ServersReport: Codable {
  var servers: [ServerReport]
}

/// The answer to `GET /v1/services`.
struct ServicesReport: Codable {
  var services: [ServiceReport]
}

/// The body of an answer with a status of 400 and above.
struct ErrorReport: Codable {
  var error: String
  /// What to do instead.
  var hint: String?
}
