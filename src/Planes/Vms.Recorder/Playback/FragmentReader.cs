using Microsoft.Win32.SafeHandles;
using Vms.Containers;
using Vms.Containers.AtRest;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.AtRest;

namespace Vms.Recorder.Playback;

/// <summary>
/// Reads stored fragments for viewers. At most <see cref="PlaybackOptions.MaxReads"/> at a time, with handles of its own: the
/// recorder's writing never waits for a viewer. Any thread.
/// </summary>
/// <param name="keys">Of encrypted recordings; without any they cannot be read.</param>
internal sealed class FragmentReader(PlaybackOptions options, ArchiveLayout layout, StorageKeys? keys = null) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.MaxReads);

    /// <summary>Opens an archive file, also when it was moved to another pool since the index was asked. It may be deleted or moved while it is open;
    /// what was opened stays readable.</summary>
    /// <exception cref="RecordingUnreadableException">The file is gone.</exception>
    public SafeFileHandle Open(string path)
    {
        try
        {
            return File.OpenHandle(layout.Find(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RecordingUnreadableException(UnreadableReason.Gone, path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecordingUnreadableException(UnreadableReason.ReadError, path, e);
        }
    }

    /// <summary>Reads one fragment, checks it against its checksum, and moves it.</summary>
    /// <param name="destination">At least <see cref="SentFragment.StoredLength"/> bytes.</param>
    /// <exception cref="RecordingUnreadableException">What is on the disk is not what was recorded.</exception>
    public async ValueTask ReadAsync(SafeFileHandle file, SentFragment fragment, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var stored = destination[..fragment.Stored.Length];
        await ReadStoredAsync(file, fragment.Path, fragment.Stored, stored, cancellationToken);
        if (!fragment.Patch.TryApply(destination.Span[..fragment.StoredLength]))
        {
            throw new RecordingUnreadableException(UnreadableReason.Damaged, fragment.Path);
        }
    }

    /// <summary>Reads one fragment, checks it against its checksum and decrypts it: as it was recorded.</summary>
    /// <param name="stored">As long as the fragment.</param>
    /// <exception cref="RecordingUnreadableException">What is on the disk is not what was recorded.</exception>
    public async ValueTask ReadStoredAsync(
        SafeFileHandle file, string path, FragmentEntry fragment, Memory<byte> stored, CancellationToken cancellationToken)
    {
        await ReadBytesAsync(file, path, fragment.Offset, stored, cancellationToken);
        switch (keys?.Restore(stored.Span, path) ?? FragmentRestoration.Restore(stored.Span, keyOf: null))
        {
            case Restored.Altered: throw new RecordingUnreadableException(UnreadableReason.Damaged, path);
            case Restored.KeyMissing: throw new RecordingUnreadableException(UnreadableReason.KeyMissing, path);
        }
    }

    /// <summary>Reads the init segment that a file's fragments belong to.</summary>
    /// <param name="init">As long as the file's.</param>
    /// <exception cref="RecordingUnreadableException">It is not there.</exception>
    public async ValueTask ReadInitAsync(SafeFileHandle file, string path, Memory<byte> init, CancellationToken cancellationToken)
    {
        await ReadBytesAsync(file, path, 0, init, cancellationToken);
        MatroskaHead.Restore(init.Span);
    }

    /// <summary>Reads bytes of an archive file.</summary>
    /// <exception cref="RecordingUnreadableException">They are not there.</exception>
    public async ValueTask ReadBytesAsync(SafeFileHandle file, string path, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            for (int done = 0; done < destination.Length;)
            {
                int read = await RandomAccess.ReadAsync(file, destination[done..], offset + done, cancellationToken);
                if (read == 0) throw new RecordingUnreadableException(UnreadableReason.Damaged, path);
                done += read;
            }
        }
        catch (IOException e)
        {
            throw new RecordingUnreadableException(UnreadableReason.ReadError, path, e);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();
}

internal enum UnreadableReason
{
    /// <summary>Deleted since the index was asked.</summary>
    Gone,

    /// <summary>Length or checksum differ from what was written.</summary>
    Damaged,

    ReadError,

    /// <summary>It is encrypted, and its key is not there.</summary>
    KeyMissing,
}

/// <summary>A part of the archive cannot be sent; the response ends here rather than with wrong bytes.</summary>
internal sealed class RecordingUnreadableException(UnreadableReason reason, string path, Exception? inner = null)
    : Exception($"{path}: {reason}", inner)
{
    public UnreadableReason Reason => reason;

    public const string Code = "recordingUnreadable";

    /// <summary>What viewers are told.</summary>
    public string Told => reason == UnreadableReason.KeyMissing
        ? "This part of the recording is encrypted, and the server does not have its key"
        : "This part of the recording has been deleted or is damaged";

    public IResult ToProblem() => Problems.NotFound(Code, Told);

    public string Path => path;
}
