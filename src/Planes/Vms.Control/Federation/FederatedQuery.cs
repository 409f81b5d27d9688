namespace Vms.Control.Federation;

/// <summary>Asks all installations the same, side by side: none waits for another, and nobody longer than the patience for one.</summary>
internal sealed class FederatedQuery(ServerDirectory directory, TimeProvider time)
{
    /// <summary>What an installation has to say.</summary>
    /// <param name="Truncated">It has more.</param>
    public sealed record Part<T>(IReadOnlyList<T> Items, bool Truncated);

    /// <param name="here">Of this installation; throws as its database does.</param>
    /// <param name="there">Of another; gets its deadline.</param>
    /// <param name="others">False: only this installation is asked.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public async Task<(List<(ServerName Server, IReadOnlyList<T> Items)> Found, IReadOnlyList<ServerPart> Servers)> AskAsync<T>(
        Func<Task<Part<T>>> here, Func<Peer, CancellationToken, Task<PeerAnswer<Part<T>>>> there, bool others, CancellationToken cancellationToken)
    {
        using var deadline = directory.Deadline();
        var peers = others ? directory.Peers : [];
        var asked = Task.WhenAll(peers.Select(peer => there(peer, deadline.Token)));
        var own = HereAsync(here);
        var answers = await asked;      // first: nobody is left waiting without a deadline when our own part fails
        var (part, took) = await own;
        var found = new List<(ServerName, IReadOnlyList<T>)> { (directory.Here, part.Items) };
        var servers = new List<ServerPart> { ServerPart.Here(directory.Here, took, part.Truncated) };
        foreach (var (peer, answer) in peers.Zip(answers))
        {
            servers.Add(ServerPart.Of(peer.Name, answer, answer.Value?.Truncated == true));
            if (answer.Value is { } some)
                found.Add((peer.Name, some.Items));
        }

        return (found, servers);
    }

    private async Task<(Part<T> Part, TimeSpan Took)> HereAsync<T>(Func<Task<Part<T>>> here)
    {
        var began = time.GetTimestamp();
        return (await here(), time.GetElapsedTime(began));
    }
}
