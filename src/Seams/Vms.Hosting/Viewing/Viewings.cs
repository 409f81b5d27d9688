using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Vms.Hosting;

/// <summary>Everything that viewers have open on this plane, and the end of it when rights are taken away. Any thread.</summary>
public sealed partial class Viewings : IDisposable
{
    private readonly RevokedRights _revoked;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Viewing, bool> _open = new();

    public Viewings(RevokedRights revoked, ViewingLog log, ILogger<Viewings> logger)
    {
        ArgumentNullException.ThrowIfNull(revoked);
        Log = log;
        _revoked = revoked;
        _logger = logger;
        revoked.Applied += EndTaken;
    }

    public int Count => _open.Count;

    /// <summary>The book of who watched.</summary>
    public ViewingLog Log { get; }

    /// <summary>Opens something for a viewer who was let in.</summary>
    /// <param name="cameraId">Null: not known yet, see <see cref="Viewing.TryName"/>.</param>
    /// <param name="end">Ends it; called once at most, from any thread, never after it was disposed.</param>
    /// <returns>Null: the right has been taken away.</returns>
    public Viewing? TryOpen(Viewer viewer, ViewingRight right, string? cameraId, Action end)
    {
        var viewing = new Viewing(this, viewer, right, cameraId is null ? [] : [cameraId], end);
        // First there, then looked at: what is taken away in this moment is found by one of the two.
        _open[viewing] = true;
        if (!viewing.IsTaken() && !viewing.IsRevoked)
            return viewing;
        viewing.Dispose();
        return null;
    }

    public void Dispose() => _revoked.Applied -= EndTaken;

    internal bool Takes(Viewing viewing, string? cameraId) => _revoked.Takes(viewing.Viewer, viewing.Right, cameraId);

    internal void Forget(Viewing viewing) => _open.TryRemove(viewing, out _);

    private void EndTaken()
    {
        int ended = 0;
        foreach (var (viewing, _) in _open)
        {
            if (!viewing.IsTaken())
                continue;
            try
            {
                viewing.Revoke();
                ended++;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Messages.Failed(_logger, e, viewing.Viewer.User);        // the others are to end all the same
            }
        }

        if (ended > 0)
            Messages.Ended(_logger, ended);
    }

    private static partial class Messages
    {
        [LoggerMessage(6062, LogLevel.Information, "{Count} open streams ended: the right to see them was taken away")]
        public static partial void Ended(ILogger logger, int count);

        [LoggerMessage(6063, LogLevel.Error, "A stream of {User}, who may not see it any more, could not be ended in order")]
        public static partial void Failed(ILogger logger, Exception exception, string user);
    }
}
