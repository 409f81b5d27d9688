using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Vms.Containers;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Exports;

/// <summary>Finds what vouches for the end of an exported file: the way from its last fragment to the next signed head of the stream.</summary>
internal sealed class ExportTails(ArchiveIndex index, FragmentReader reader, TimeProvider time)
{
    /// <summary>A recorder signs every ten seconds.</summary>
    private static readonly TimeSpan s_reach = TimeSpan.FromSeconds(30);

    /// <summary>What is being recorded now is signed soon.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    /// <returns>Null when nothing behind it is signed, or the chain does not go on.</returns>
    /// <exception cref="RecordingUnreadableException">What follows cannot be read.</exception>
    /// <exception cref="IndexUnavailableException">The index is away.</exception>
    public async Task<ChainTail?> FindAsync(PlannedFile file, string chain, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            var last = file.Runs[^1];
            var end = UnixTime.FromMicroseconds(PlaybackPlan.EndUs(last.Last));
            var segments = await index.FindAsync(
                last.Segment.CameraId, last.Segment.Stream, end - s_reach, end + s_reach, cancellationToken);
            if (await FollowAsync([.. segments.Where(s => s.Id >= last.Segment.Id)], last, Convert.FromHexString(chain), cancellationToken) is { } tail)
                return tail;
            bool writing = segments.Count == 0 || !segments[^1].Closed;
            if (!writing || time.GetElapsedTime(begun) > s_patience) return null;
            await Task.Delay(s_again, time, cancellationToken);
        }
    }

    private async Task<ChainTail?> FollowAsync(List<SegmentRow> segments, PlannedRun last, byte[] chain, CancellationToken cancellationToken)
    {
        var digests = new List<string>();
        foreach (var segment in segments)
        {
            if (!GopTable.TryDecode(segment.Gops.Span, out var table)) return null;
            using var file = reader.Open(segment.Path);
            byte[] init = new byte[segment.InitBytes];
            await reader.ReadInitAsync(file, segment.Path, init, cancellationToken);
            byte[] initDigest = SHA256.HashData(init);
            foreach (var entry in table)
            {
                if (segment.Id == last.Segment.Id && entry.Offset < last.Last.EndOffset) continue;
                if (digests.Count == ChainTail.MaxDigests) return null;
                byte[] fragment = await ReadAsync(file, segment.Path, entry, cancellationToken);
                if (!TryDigest(fragment, initDigest, chain, out byte[] digest)) return null;
                digests.Add(Convert.ToHexStringLower(digest));
                FragmentHeader.TryReadLink(fragment, out var link);
                chain = link.Chain.ToArray();
                if (link.IsSigned) return new ChainTail(digests, Convert.ToHexStringLower(link.KeyId), Convert.ToHexStringLower(link.Signature));
            }
        }

        return null;
    }

    private async Task<byte[]> ReadAsync(SafeFileHandle file, string path, FragmentEntry entry, CancellationToken cancellationToken)
    {
        byte[] fragment = new byte[entry.Length];
        await reader.ReadStoredAsync(file, path, entry, fragment, cancellationToken);
        return fragment;
    }

    private static bool TryDigest(ReadOnlySpan<byte> fragment, ReadOnlySpan<byte> initDigest, ReadOnlySpan<byte> chain, out byte[] digest)
    {
        digest = new byte[ChainLink.HashBytes];
        return FragmentHeader.TryRead(fragment, out var header) && FragmentHeader.TryReadLink(fragment, out var link) && link.Previous.SequenceEqual(chain)
            && new FragmentDigest().TryCompute(header, initDigest, fragment[FragmentHeader.SizeAt(fragment)..], digest) && link.Holds(digest);
    }
}
