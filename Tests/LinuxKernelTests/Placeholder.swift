// Placeholder until the target has content.
import Testing
