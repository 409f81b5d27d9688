namespace Vms.Control.Integrations;

/// <summary>How a connection to a service is.</summary>
/// <param name="State">off connecting connected failed.</param>
/// <param name="Error">Why it failed last, as a sentence without its full stop; null while it is connected.</param>
/// <param name="Sent">Messages that arrived there since control started.</param>
internal sealed record LinkState(string State, DateTimeOffset Since, string? Error, long Sent)
{
    public const string Off = "off";
    public const string Connecting = "connecting";
    public const string Connected = "connected";
    public const string Failed = "failed";
}

/// <summary>Why there is no connection: a sentence without its full stop and without a password.</summary>
internal sealed class LinkException(string message, Exception? cause = null) : Exception(message, cause);
