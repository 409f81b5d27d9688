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

        var arrival = new SampleArrival();
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
}
