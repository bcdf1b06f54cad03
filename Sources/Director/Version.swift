// SPDX-License-Identifier: MIT

/// Which Culvert this is.
public enum Version {
  /// Semantic versioning, https://semver.org.
  public static let text = "0.1.0"
}
