namespace Vms.Control.Federation;

/// <summary>What came of asking another installation.</summary>
/// <param name="State">One of <see cref="PeerStates"/>.</param>
/// <param name="Value">Null unless it answered.</param>
/// <param name="Code">Why there is no answer: <c>timedOut certificateNotTrusted apiKeyRefused addressNotAllowed unreachable badAnswer</c>, or, where it answered
/// with a problem, the problem's own code.</param>
/// <param name="Detail">One sentence for the operator.</param>
/// <param name="Status">Of its HTTP answer; 0 without one.</param>
internal sealed record PeerAnswer<T>(string State, T? Value, string? Code, string? Detail, int Status, TimeSpan Took)
{
    public bool IsAnswered => State == PeerStates.Answered;
}

internal static class PeerStates
{
    public const string Answered = "answered";
    public const string TimedOut = "timedOut";

    /// <summary>It does not take our key, or we do not take its certificate.</summary>
    public const string Refused = "refused";

    public const string Unreachable = "unreachable";
}

/// <summary>A server as federated answers name it.</summary>
internal sealed record ServerName(string Id, string Name);

/// <summary>What became of one server's part of a federated answer.</summary>
/// <param name="State">answered timedOut refused unreachable.</param>
/// <param name="Code">Null where it answered.</param>
/// <param name="Truncated">It has more than it was asked for.</param>
internal sealed record ServerPart(string Id, string Name, string State, long TookMs, string? Code, string? Detail, bool Truncated)
{
    public static ServerPart Of<T>(ServerName server, PeerAnswer<T> answer, bool truncated) =>
        new(server.Id, server.Name, answer.State, (long)answer.Took.TotalMilliseconds, answer.Code, answer.Detail, truncated);

    public static ServerPart Here(ServerName server, TimeSpan took, bool truncated) =>
        new(server.Id, server.Name, PeerStates.Answered, (long)took.TotalMilliseconds, null, null, truncated);
}
