namespace Vms.Control.Integrations;

/// <summary>How a connection to a service is.</summary>
/// <param name="State">off connecting connected failed.</param>
/// <param name="Error">Why it failed last, as a sentence without its full stop; null while it is connected.</param>
/// <param name="Sent">Messages that arrived there since control started.</param>
/// <param name="Refused">Messages that the service did not take since then; they do not come again.</param>
/// <param name="Refusal">Why the last of them was not taken; null: none was refused.</param>
internal sealed record LinkState(string State, DateTimeOffset Since, string? Error, long Sent, long Refused = 0, string? Refusal = null)
{
    public const string Off = "off";
    public const string Connecting = "connecting";
    public const string Connected = "connected";
    public const string Failed = "failed";
}

/// <summary>Why there is no connection: a sentence without its full stop and without a password.</summary>
internal class LinkException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The service does not take this one message, whatever is done: the connection is as good as before.</summary>
/// <param name="reason">One word, the same for all that are refused for the same.</param>
internal sealed class MessageRefusedException(string reason, string message) : LinkException(message)
{
    public string Reason { get; } = reason;
}
