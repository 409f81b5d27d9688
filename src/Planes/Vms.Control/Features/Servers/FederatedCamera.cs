using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Federation;
using Vms.Hosting;

namespace Vms.Control.Features.Servers;

/// <summary>Watching a camera of another server: that server issues the ticket, and its media go straight to whoever watches. Its audit log has our key;
/// ours has who it was.</summary>
internal static class FederatedCamera
{
    private const int MaxIdLength = 64;

    /// <summary>Asks the server that has the camera.</summary>
    /// <returns>Its answer, or the problem to answer with.</returns>
    public static async Task<(Peer? Peer, T? Answer, ProblemHttpResult? Problem)> AskAsync<T>(
        HttpContext context, ServerDirectory directory, string server, string id, Func<string, (string Path, object Body)> ask, CancellationToken cancellationToken) where T : class
    {
        // The list is the first tenant's, as the machine is.
        if (Caller.Of(context).TenantId != Tenants.First || directory.Find(server) is not { } peer)
            return (null, null, ServerRules.NotFound());
        if (id.Length > MaxIdLength || !id.All(char.IsAsciiLetterOrDigit))
            return (null, null, Problems.NotFound("cameraNotFound", "There is no such camera"));
        using var deadline = directory.Deadline();
        var (path, body) = ask(id);
        var answer = await peer.AskAsync<T>(HttpMethod.Post, path, body, deadline.Token, cancellationToken);
        return answer.IsAnswered ? (peer, answer.Value, null) : (null, null, ProblemOf(answer));
    }

    /// <summary>Who was given the way to a camera of another server.</summary>
    /// <param name="action">server.liveStarted or server.playbackStarted.</param>
    public static async Task NoteAsync(
        HttpContext context, NpgsqlDataSource database, string action, string server, string id, object detail, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await AuditLog.AddAsync(connection, now, Actor.Of(context), action, $"{server}/{id}", detail, cancellationToken);
    }

    /// <summary>Null for an address that does not lead to the server itself: it may not send a browser elsewhere.</summary>
    public static string? OwnUrl(Peer peer, string? url) =>
        url is { Length: <= 16 << 10 } && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Equals(peer.Row.Address.Host, StringComparison.OrdinalIgnoreCase)
            && uri.Scheme is "https" or "wss" or "http" or "ws" or "rtsp" or "rtsps" ? url : null;

    public static ProblemHttpResult LeadsElsewhere() => Problems.Of(
        StatusCodes.Status502BadGateway, "serverRefused", "The other server is not to be asked", "The addresses that it answers with are not its own.");

    private static ProblemHttpResult ProblemOf<T>(PeerAnswer<T> answer) => answer switch
    {
        { Status: StatusCodes.Status404NotFound } => Problems.NotFound("cameraNotFound", "There is no such camera"),
        { Status: StatusCodes.Status409Conflict, Code: { } code } => Problems.Of(StatusCodes.Status409Conflict, "serverSaysNo", "The other server does not do this", $"{answer.Detail}: {code}."),
        { State: PeerStates.TimedOut } => Problems.Of(StatusCodes.Status504GatewayTimeout, "serverTimedOut", "The other server did not answer in time", answer.Detail),
        { State: PeerStates.Refused } => Problems.Of(StatusCodes.Status502BadGateway, "serverRefused", "The other server is not to be asked", answer.Detail),
        _ => Problems.Of(StatusCodes.Status502BadGateway, "serverUnreachable", "The server does not answer", answer.Detail),
    };
}
