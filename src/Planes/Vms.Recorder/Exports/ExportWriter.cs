using System.Buffers;
using System.Security.Cryptography;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Native.Storage;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Exports;

/// <summary>What was written of one planned file.</summary>
/// <param name="FrameSha256">Of what is not part of a segment file.</param>
/// <param name="Previous">As in <see cref="ExportedFile"/>.</param>
/// <param name="IsSigned">The last fragment.</param>
internal sealed record WrittenFile(
    long Bytes, string Sha256, uint Crc32, string FrameSha256, IReadOnlyList<ExportedPart> Parts, string Previous, string Chain, bool IsSigned);

/// <summary>Copies stored fragments into an MP4 that any player takes, in one pass, past the page cache as far as the system allows.</summary>
internal sealed class ExportWriter(FragmentReader reader)
{
    /// <summary>So much is given to the disk at a time, and waited for: recordings are committed together with what is not yet on the disk.</summary>
    private const int FlushBytes = 16 << 20;

    /// <param name="progressed">Told the bytes of each fragment; may throw to end it.</param>
    /// <exception cref="RecordingUnreadableException">Part of the recording is gone or damaged.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public async Task<WrittenFile> WriteAsync(
        PlannedFile planned, string path, SegmentLabel label, Action<long> progressed, CancellationToken cancellationToken)
    {
        await using var output = new Output(path);
        var movie = new ExportedMovie(planned.Runs[0].Segment.Tracks, label);
        var parts = new List<ExportedPart>();
        var ends = new ChainEnds();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(planned.LargestFragment, planned.Runs.Max(r => r.Segment.InitBytes)));
        try
        {
            await output.WriteAsync(ExportedMovie.Head(planned.MediaBytes), isFrame: true, cancellationToken);
            foreach (var run in planned.Runs)
            {
                long start = output.Bytes;
                using var file = reader.Open(run.Segment.Path);
                var init = buffer.AsMemory(0, run.Segment.InitBytes);
                await reader.ReadInitAsync(file, run.Segment.Path, init, cancellationToken);
                if (!Fmp4InitReader.TryRead(init.Span, out var tracks, out int read) || read != init.Length || !tracks.SequenceEqual(run.Segment.Tracks))
                    throw new RecordingUnreadableException(UnreadableReason.Damaged, run.Segment.Path);
                await output.WriteAsync(init, isFrame: false, cancellationToken);
                for (int i = 0; i < run.Fragments.Length; i++)
                {
                    var entry = run.Fragments.Span[i];
                    var fragment = buffer.AsMemory(0, entry.Length);
                    await reader.ReadStoredAsync(file, run.Segment.Path, entry, fragment, cancellationToken);
                    if (!movie.TryAdd(fragment.Span, output.Bytes, run.ShiftTicks)) throw new RecordingUnreadableException(UnreadableReason.Damaged, run.Segment.Path);
                    ends.Add(fragment.Span);
                    await output.WriteAsync(fragment, isFrame: false, cancellationToken);
                    // Read once and not soon again: it must not push the database's pages out.
                    StorageFile.DropCache(file, entry.Offset, entry.Length);
                    progressed(entry.Length);
                }

                parts.Add(new ExportedPart(run.Segment.Id, start, output.Bytes - start, run.Fragments.Length));
            }

            await output.WriteAsync(movie.Movie(planned.ShownFromTicks, planned.ShownToTicks), isFrame: true, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var (sha256, frame) = output.Finish();
        return new WrittenFile(output.Bytes, sha256, output.Crc32, frame, parts, ends.Previous, ends.Chain, ends.IsSigned);
    }

    /// <summary>Where the chain enters the file and where it leaves it.</summary>
    private sealed class ChainEnds
    {
        private bool _begun;

        public string Previous { get; private set; } = "";

        public string Chain { get; private set; } = "";

        public bool IsSigned { get; private set; }

        public void Add(ReadOnlySpan<byte> fragment)
        {
            bool linked = FragmentHeader.TryReadLink(fragment, out var link);
            if (!_begun) Previous = linked ? Convert.ToHexStringLower(link.Previous) : "";
            _begun = true;
            Chain = linked ? Convert.ToHexStringLower(link.Chain) : "";
            IsSigned = linked && link.IsSigned;
        }
    }

    /// <summary>The file, and what is known of it while it is written.</summary>
    private sealed class Output(string path) : IAsyncDisposable
    {
        private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly IncrementalHash _frame = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _flushed;

        public long Bytes { get; private set; }

        public uint Crc32 { get; private set; }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool isFrame, CancellationToken cancellationToken)
        {
            _hash.AppendData(bytes.Span);
            if (isFrame) _frame.AppendData(bytes.Span);
            Crc32 = Vms.Containers.Zip.Crc32.Append(Crc32, bytes.Span);
            await _file.WriteAsync(bytes, cancellationToken);
            Bytes += bytes.Length;
            if (Bytes - _flushed >= FlushBytes) Flush();
        }

        public (string Sha256, string Frame) Finish()
        {
            Flush();
            return (Convert.ToHexStringLower(_hash.GetHashAndReset()), Convert.ToHexStringLower(_frame.GetHashAndReset()));
        }

        public async ValueTask DisposeAsync()
        {
            _hash.Dispose();
            _frame.Dispose();
            await _file.DisposeAsync();
        }

        private void Flush()
        {
            _file.Flush(flushToDisk: true);
            StorageFile.DropCache(_file.SafeFileHandle, _flushed, Bytes - _flushed);
            _flushed = Bytes;
        }
    }
}
