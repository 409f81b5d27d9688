using Vms.Native.Jpeg;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Pictures;

/// <summary>
/// Pictures of the archive that somebody asked for, each made once for all who ask: two at a time, a bounded number waiting, the newest
/// kept up to a ceiling. A picture that nobody waits for any more when its turn comes is not made. Any thread.
/// </summary>
internal sealed class PictureCache(KeyframeDecoding decoding, PlaybackOptions options) : IDisposable
{
    private readonly SemaphoreSlim _turns = new(options.MaxPicturesAtOnce);
    private readonly Lock _gate = new();
    private readonly Dictionary<PictureKey, Entry> _entries = [];
    private readonly LinkedList<Entry> _kept = new();       // the one asked for longest ago comes first
    private long _keptBytes;
    private int _making;

    /// <summary>Of the pictures that are kept.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_gate)
                return _keptBytes;
        }
    }

    /// <param name="width">As for <see cref="KeyframeDecoding"/>.</param>
    /// <exception cref="PicturesBusyException">As many as may already wait.</exception>
    /// <exception cref="RecordingUnreadableException">It is not on the disk (any more).</exception>
    /// <exception cref="Vms.Hosting.Decoding.PictureException">It cannot be decoded.</exception>
    public async Task<JpegPicture> GetAsync(RecordedKeyframe keyframe, int width, int quality, CancellationToken cancellationToken)
    {
        var key = new PictureKey(keyframe.Segment.Id, keyframe.Fragment.Offset, width, quality);
        var entry = Join(key, keyframe);
        try
        {
            return await entry.Picture.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate)
                entry.Waiters--;
        }
    }

    public void Dispose() => _turns.Dispose();

    private Entry Join(PictureKey key, RecordedKeyframe keyframe)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                if (entry.Place is { } place)
                {
                    _kept.Remove(place);
                    _kept.AddLast(place);
                }
            }
            else
            {
                if (_making >= options.MaxPicturesWaiting) throw new PicturesBusyException();
                _making++;
                var made = entry = new Entry(key);
                entry.Picture = Task.Run(() => MakeAsync(made, keyframe), CancellationToken.None);
                _entries.Add(key, entry);
            }

            entry.Waiters++;
            return entry;
        }
    }

    private async Task<JpegPicture> MakeAsync(Entry entry, RecordedKeyframe keyframe)
    {
        await _turns.WaitAsync(CancellationToken.None);
        try
        {
            lock (_gate)
            {
                if (entry.Waiters == 0)
                {
                    Remove(entry);
                    throw new OperationCanceledException("Nobody waits for the picture any more");
                }
            }

            // Whoever else comes for it shares the work, so nobody's leaving ends it.
            var picture = await decoding.ToJpegAsync(keyframe, entry.Key.Width, entry.Key.Quality, readOnce: false, CancellationToken.None);
            Keep(entry, picture);
            return picture;
        }
        catch
        {
            lock (_gate)
                Remove(entry);
            throw;
        }
        finally
        {
            lock (_gate)
                _making--;
            _turns.Release();
        }
    }

    private void Keep(Entry entry, JpegPicture picture)
    {
        lock (_gate)
        {
            entry.Bytes = picture.Bytes.Length;
            entry.Place = _kept.AddLast(entry);
            _keptBytes += entry.Bytes;
            while (_keptBytes > options.MaxPictureBytes && _kept.First is { } oldest)
            {
                _kept.Remove(oldest);
                _entries.Remove(oldest.Value.Key);
                _keptBytes -= oldest.Value.Bytes;
            }
        }
    }

    /// <summary>Under the gate; another one may have its place.</summary>
    private void Remove(Entry entry)
    {
        if (_entries.TryGetValue(entry.Key, out var present) && present == entry) _entries.Remove(entry.Key);
    }

    private readonly record struct PictureKey(Guid Segment, long Offset, int Width, int Quality);

    /// <summary>All but the key: under the gate.</summary>
    private sealed class Entry(PictureKey key)
    {
        public PictureKey Key => key;

        public Task<JpegPicture> Picture { get; set; } = null!;

        public int Waiters { get; set; }

        public int Bytes { get; set; }

        /// <summary>Null while it is being made.</summary>
        public LinkedListNode<Entry>? Place { get; set; }
    }
}

/// <summary>Too many pictures wait to be made; a moment later there is room.</summary>
internal sealed class PicturesBusyException() : Exception("Too many pictures of the archive are being made");
