using System.Buffers;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Vms.Media.Streams;
using Vms.Onvif.Events;

namespace Vms.Media.Metadata;

/// <summary>A document of a camera's metadata track, or the end of the session that brought such.</summary>
/// <param name="Buffer">From the shared pool; whoever takes the document gives it back. Null: the session is over.</param>
/// <param name="AtUs">When it was captured, UTC microseconds since 1970.</param>
internal readonly record struct MetadataDocument(LiveStream Stream, byte[]? Buffer, int Length, long AtUs);

/// <summary>
/// Documents that tell of events, on their way from the ingest threads to the one <see cref="MetadataReader"/>. Bounded: what finds no room is dropped
/// and counted, the end of a session never is. Neither waits nor allocates; documents that only describe the scene are not even copied.
/// </summary>
internal sealed class MetadataFeed : IDisposable
{
    /// <summary>Of all cameras, each of at most <see cref="Vms.Rtp.Payloads.SampleDepacketizer.MaxSampleSize"/>.</summary>
    private const int MaxWaiting = 256;

    /// <summary>Room that documents do not take.</summary>
    private const int MaxEnds = 4096;

    private readonly Meter _meter = new("Vms.Media.Metadata");
    private readonly Counter<long> _dropped;
    private readonly Channel<MetadataDocument> _documents;
    private volatile bool _isRead;

    public MetadataFeed()
    {
        _dropped = _meter.CreateCounter<long>("vms_media_metadata_dropped_total", null, "Documents with events that nobody had time for.");
        _documents = Channel.CreateBounded<MetadataDocument>(
            new BoundedChannelOptions(MaxWaiting + MaxEnds) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    }

    /// <summary>Reading it switches it on: without a bus there is nobody to tell.</summary>
    public IAsyncEnumerable<MetadataDocument> ReadAllAsync(CancellationToken cancellationToken)
    {
        _isRead = true;
        return _documents.Reader.ReadAllAsync(cancellationToken);
    }

    /// <param name="document">Borrowed for the call.</param>
    public void Offer(LiveStream stream, ReadOnlySpan<byte> document, long atUs)
    {
        if (!_isRead || !MetadataStream.MayNotify(document))
            return;
        if (_documents.Reader.Count >= MaxWaiting)
        {
            _dropped.Add(1);
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(document.Length);
        document.CopyTo(buffer);
        var waiting = new MetadataDocument(stream, buffer, document.Length, atUs);
        if (!_documents.Writer.TryWrite(waiting))
        {
            _dropped.Add(1);
            GiveBack(waiting);
        }
    }

    /// <summary>What was going on is not known any more.</summary>
    public void SessionEnded(LiveStream stream, long atUs)
    {
        if (_isRead)
            _documents.Writer.TryWrite(new(stream, null, 0, atUs));
    }

    public static void GiveBack(in MetadataDocument document)
    {
        if (document.Buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    public void Dispose() => _meter.Dispose();
}
