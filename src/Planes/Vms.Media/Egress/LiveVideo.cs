using Vms.Codecs;
using Vms.Media.Streams;

namespace Vms.Media.Egress;

/// <summary>Waiting for a stream to describe itself.</summary>
internal static class LiveVideo
{
    /// <summary>The stream's video track as soon as it is known; null after <paramref name="patience"/>.</summary>
    public static async Task<TrackInfo?> WaitForVideoAsync(this LiveStream stream, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (Find(stream) is { } known)
            return known;

        var arrival = new Arrival();
        stream.Subscribe(arrival);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(patience);
            while (Find(stream) is null && await arrival.WaitAsync(limit.Token))
            {
            }

            return Find(stream);
        }
        finally
        {
            stream.Unsubscribe(arrival);
        }
    }

    private static TrackInfo? Find(LiveStream stream) => stream.Tracks.FirstOrDefault(t => t.IsVideo);

    /// <summary>Samples only come once the tracks are published.</summary>
    private sealed class Arrival : ISampleSignal
    {
        private TaskCompletionSource _next = New();

        public void Signal() => Volatile.Read(ref _next).TrySetResult();

        /// <returns>False when the time is over.</returns>
        public async Task<bool> WaitAsync(CancellationToken cancellationToken)
        {
            try
            {
                await Volatile.Read(ref _next).Task.WaitAsync(cancellationToken);
                Volatile.Write(ref _next, New());
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
