using System.Buffers;
using System.ComponentModel;
using System.Security.Cryptography;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Containers.Zip;
using Vms.Hosting.Transcoding;
using Vms.Native.Storage;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Exports;

/// <summary>A file that a child process made.</summary>
internal sealed record ConvertedFile(long Bytes, string Sha256, uint Crc32);

/// <summary>
/// Has one file of an export made by ffmpeg: Matroska, or pictures with something burnt in. The child reads recordings from a pipe and writes the
/// one file; it goes with the call, however that ends. One caller at a time.
/// </summary>
internal sealed class ExportConversion(FragmentReader reader, ExportFolder folder, ExportRoom room, TranscodeSlots slots, TimeProvider time)
{
    /// <summary>Copying gives way to recording as conversions for viewers do; encoding gives way to everything.</summary>
    private const int CopyNice = 10;
    private const int EncodeNice = 19;

    /// <summary>So much is in the page cache at the most: recordings are committed together with what is not yet on the disk.</summary>
    private const int FlushBytes = 16 << 20;

    /// <summary>An hour of 4K on a machine that has better things to do.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(24);

    /// <summary>It has taken nothing and written nothing for so long.</summary>
    private static readonly TimeSpan s_standstill = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    /// <param name="path">Of the file to be made.</param>
    /// <param name="burnIn">Null: the same pictures in Matroska.</param>
    /// <param name="faces">What is to be hidden; null where no faces are.</param>
    /// <param name="progressed">Told how many bytes of recordings have gone in.</param>
    /// <exception cref="ExportFailedException">It cannot be made.</exception>
    /// <exception cref="RecordingUnreadableException">Part of the recording is gone or damaged.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task<ConvertedFile> WriteAsync(
        string exportId, PlannedFile planned, string path, string format, BurnIn? burnIn, FaceCover? faces, SegmentLabel label, Action<long> progressed,
        CancellationToken cancellationToken)
    {
        if (burnIn is not null && slots.Count == 0)
            throw new ExportFailedException("transcodeOff", "Burning in converts video, and that is switched off on this node (VMS_TRANSCODES is 0). Export without burning in, or switch it on.");
        string work = folder.FolderOf(exportId);
        string output = Path.GetRelativePath(work, path);
        long first = planned.Runs[0].StartTicks;
        long from = ConversionArguments.StartTicks + planned.ShownFromTicks - first;
        var wallAtZero = planned.From - TimeSpan.FromSeconds((double)from / FragmentEntry.TicksPerSecond);
        long ceiling = room.Left();
        try
        {
            burnIn?.WriteTexts(work, wallAtZero);
            faces?.WriteAreas(work, wallAtZero);
            using var child = TranscoderProcess.Start(
                new TranscoderLimits(burnIn is null ? CopyNice : EncodeNice, TranscoderLimits.SoftwareAddressSpace, ceiling, work, burnIn?.TimeZone is { Length: > 0 } zone ? zone : null),
                burnIn is null
                    ? ConversionArguments.Remux(label, output)
                    : ConversionArguments.Encode(
                        burnIn, [.. faces?.Words() ?? [], .. burnIn.Words()], label, planned.Runs[0].Segment.Tracks, format, from, Math.Max(1, planned.ShownToTicks - planned.ShownFromTicks), output));
            await RunAsync(child, planned, path, ConversionArguments.StartTicks - first, ceiling, progressed, cancellationToken);
            return await MeasureAsync(path, cancellationToken);
        }
        catch (Win32Exception e)
        {
            throw new ExportFailedException("transcodeUnavailable", $"ffmpeg makes such files, and it cannot be started: {e.Message}. Install ffmpeg, or export MP4 without burning in.");
        }
        finally
        {
            if (burnIn is not null) BurnIn.RemoveTexts(work);
            if (faces is not null) FaceCover.RemoveAreas(work);
        }
    }

    private async Task RunAsync(
        TranscoderProcess child, PlannedFile planned, string path, long shiftTicks, long ceiling, Action<long> progressed, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_longest, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var progress = new Progress();
        var feeding = FeedAsync(child.Input, planned, path, shiftTicks, fed => progressed(progress.Fed = fed), stop.Token);
        var listening = ListenAsync(child.Output, progress, stop.Token);
        var ending = child.WaitAsync(stop.Token);
        try
        {
            await WatchAsync(Task.WhenAll(feeding, listening, ending), [feeding, listening, ending], progress, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed($"it was not done after {s_longest.TotalHours:0} hours");
        }
        finally
        {
            // Whatever of the three ended first, the others end with the child.
            await stop.CancelAsync();
            child.Kill();
            await Task.WhenAll(feeding, listening, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        int code = await ending;
        if (code == 0 && await feeding) return;
        if (File.Exists(path) && new FileInfo(path).Length >= ceiling) throw ExportRoom.Full(ceiling);
        throw Failed(child.Complaint.Length > 0 ? child.Complaint : $"exit code {code}");
    }

    /// <summary>Until all of it is done, one of them has failed, or nothing moves any more.</summary>
    private async Task WatchAsync(Task all, Task[] each, Progress progress, CancellationToken cancellationToken)
    {
        var (seen, since) = (progress.State, time.GetTimestamp());
        while (!all.IsCompleted && !Array.Exists(each, t => t.IsFaulted))
        {
            await Task.WhenAny([all, Task.Delay(s_look, time, cancellationToken), .. each.Where(t => !t.IsCompleted)]);
            cancellationToken.ThrowIfCancellationRequested();
            if (progress.State != seen) (seen, since) = (progress.State, time.GetTimestamp());
            else if (time.GetElapsedTime(since) > s_standstill) throw Failed($"it stood still for {s_standstill.TotalMinutes:0} minutes");
        }

        foreach (var task in each.Where(t => t.IsFaulted)) await task;
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <returns>Whether the child took all that it needs.</returns>
    private async Task<bool> FeedAsync(Stream input, PlannedFile planned, string path, long shiftTicks, Action<long> progressed, CancellationToken cancellationToken)
    {
        var tracks = planned.Runs[0].Segment.Tracks;
        uint[] descriptions = new uint[tracks.Count];
        Array.Fill(descriptions, 1u);
        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, tracks);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(planned.LargestFragment);
        bool reachesEnd = false;
        try
        {
            await input.WriteAsync(init.WrittenMemory, cancellationToken);
            uint number = 1;
            long fed = 0, flushed = 0;
            foreach (var run in planned.Runs)
            {
                using var file = reader.Open(run.Segment.Path);
                var patch = new FragmentPatch(0, run.ShiftTicks + shiftTicks, tracks, descriptions, default);
                for (int i = 0; i < run.Fragments.Length; i++)
                {
                    var entry = run.Fragments.Span[i];
                    var stored = buffer.AsMemory(0, entry.Length);
                    await reader.ReadStoredAsync(file, run.Segment.Path, entry, stored, cancellationToken);
                    if (!(patch with { FragmentNumber = number++ }).TryApply(stored.Span))
                        throw new RecordingUnreadableException(UnreadableReason.Damaged, run.Segment.Path);
                    reachesEnd = entry.EndTicks + run.ShiftTicks >= planned.ShownToTicks;
                    await input.WriteAsync(stored, cancellationToken);
                    // Read once and not soon again: it must not push the database's pages out.
                    StorageFile.DropCache(file, entry.Offset, entry.Length);
                    progressed(fed += entry.Length);
                    if (fed - flushed < FlushBytes) continue;
                    flushed = fed;
                    Flush(path);
                }
            }

            return true;
        }
        catch (IOException)
        {
            // The child has ended: what is behind the last picture that is shown, it need not read. Earlier: what it complained about says why.
            return reachesEnd;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await CloseAsync(input);
        }
    }

    private async Task ListenAsync(Stream said, Progress progress, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[4096];
        for (int read; (read = await said.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            long before = progress.Said.TotalBytes;
            progress.Said.Add(buffer.AsSpan(0, read));
            room.Took(Math.Max(0, progress.Said.TotalBytes - before));
        }
    }

    private static async Task CloseAsync(Stream input)
    {
        try
        {
            await input.DisposeAsync();
        }
        catch (IOException)
        {
            // Nobody reads it any more.
        }
    }

    private static void Flush(string path)
    {
        if (!File.Exists(path)) return;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
        StorageFile.DropCache(file, 0, RandomAccess.GetLength(file));
    }

    /// <summary>Reads it as it stands on the disk.</summary>
    private static async Task<ConvertedFile> MeasureAsync(string path, CancellationToken cancellationToken)
    {
        Flush(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            uint crc = 0;
            long bytes = 0;
            for (int read; (read = await file.ReadAsync(buffer, cancellationToken)) > 0; bytes += read)
            {
                hash.AppendData(buffer.AsSpan(0, read));
                crc = Crc32.Append(crc, buffer.AsSpan(0, read));
                StorageFile.DropCache(file.SafeFileHandle, bytes, read);
            }

            return new ConvertedFile(bytes, Convert.ToHexStringLower(hash.GetHashAndReset()), crc);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ExportFailedException Failed(string why) =>
        new("conversionFailed", $"ffmpeg could not make a file of it: {why}. Ask for it again; an export as MP4 without burning in does not need it.");

    /// <summary>How far it is, seen from both ends of the child.</summary>
    private sealed class Progress
    {
        private long _fed;

        public long Fed { get => Interlocked.Read(ref _fed); set => Interlocked.Exchange(ref _fed, value); }

        public ConversionProgress Said { get; } = new();

        public (long Fed, long Bytes, long Pictures) State => (Fed, Said.TotalBytes, Said.Pictures);
    }
}
