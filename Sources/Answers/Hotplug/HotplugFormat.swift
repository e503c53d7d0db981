/// What an answer of `hotplug` is written as.
public enum HotplugFormat: String, CaseIterable, Sendable {
  case text, json, csv
}
