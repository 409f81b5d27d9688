using System.Buffers.Binary;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Containers.Mp4;

namespace Vms.Containers.Integrity;

/// <summary>
/// Verifies the segments of one stream, in recording order, from the files alone: that every fragment says what was recorded, that each follows
/// the one before, and that signed heads were signed by a known key. Reading only; memory for one fragment and the last hour's chains.
/// </summary>
/// <param name="keys">Null when none are known: content and order are then checked against what anybody could have written.</param>
/// <param name="heads">Chains that somebody outside remembers, to be looked for on the way: <see cref="HasSeen"/>.</param>
/// <param name="keyOf">The data key with an id, for encrypted recordings; null when it is not there.</param>
/// <remarks>One caller at a time.</remarks>
public sealed class ChainVerifier(IntegrityKeys? keys, IEnumerable<byte[]>? heads = null, Func<ulong, DataKey?>? keyOf = null)
{
    /// <summary>So far back a fragment that stands in a wrong place is recognised.</summary>
    private const int RememberedChains = 4096;

    private readonly byte[] _chain = new byte[ChainLink.HashBytes];     // of the last fragment that was seen
    private readonly HashSet<UInt128> _recent = [];                     // chains by their first half
    private readonly Queue<UInt128> _recentOrder = new();
    private readonly Dictionary<UInt128, bool> _heads = (heads ?? []).Select(h => KeyOf(h)).Distinct().ToDictionary(h => h, _ => false);
    private bool _begun;                // the fragment before is known
    private bool _hashed;               // there was one with a hash
    private bool _unhashed;             // and one without, before those
    private int _waiting;               // so many fragments no signature has vouched for yet
    private DateTimeOffset? _waitingSince;
    private readonly FragmentDigest _digest = new();
    private byte[] _buffer = [];
    private IReadOnlyList<TrackInfo>? _tracks;      // of a Matroska file
    private string _fetch = "";         // from a device, that the file before came with
    private bool _isOtherFetch;         // this file came with another one

    /// <summary>Verifies the next file of the stream.</summary>
    /// <param name="name">For the findings.</param>
    /// <param name="file">Seekable. Borrowed.</param>
    /// <param name="isPart">An export took some of the file's fragments: it may begin and end anywhere.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public SegmentVerdict Verify(string name, Stream file, bool isPart = false)
    {
        ArgumentNullException.ThrowIfNull(file);
        var verdict = new SegmentVerdict(name);
        long length = file.Length;      // it may be growing
        byte[] init = new byte[Math.Min(length, Fmp4InitReader.MaxInitBytes)];
        file.Position = 0;
        file.ReadExactly(init);
        byte[]? head = MatroskaHead.IsOne(init) ? init.ToArray() : null;
        MatroskaHead.Restore(init);
        int initBytes = Fmp4InitReader.TryRead(init, out var tracks, out int read) ? read : 0;
        var found = Fmp4FragmentScanner.FindHeaders(file, initBytes);
        if (found.Count == 0) return verdict;   // begun when the power went, or no recording at all: if it had anything, the next link says so
        if (initBytes == 0) verdict.Find(FindingKind.Altered, null, "its beginning is no init segment of a recording");
        Span<byte> initDigest = stackalloc byte[ChainLink.HashBytes];
        SHA256.HashData(init.AsSpan(0, initBytes), initDigest);

        if (head is not null && initBytes > 0 && !head.AsSpan(0, initBytes).SequenceEqual(MatroskaHead.Make(tracks!, SegmentLabel.Read(init))))
            verdict.Find(FindingKind.Altered, null, "its beginning says something else than what was recorded");
        _tracks = head is null ? null : tracks;
        string fetch = SegmentLabel.FetchIn(init);
        (_fetch, _isOtherFetch) = (fetch, fetch.Length > 0 && _fetch.Length > 0 && fetch != _fetch);
        long end = initBytes;
        foreach (var entry in found)
        {
            if (entry.Offset != end) verdict.Find(FindingKind.Altered, verdict.End, $"{entry.Offset - end} bytes at {end} are no fragment");
            Verify(verdict, file, entry, initDigest, isPart);
            end = entry.EndOffset;
        }

        if (end < length) verdict.Find(KindOfRest(file, end, length), verdict.End, $"{length - end} bytes at its end are no fragment");
        return verdict;
    }

    /// <summary>With the last fragment that was seen; zeros before the first. Borrowed until the next file.</summary>
    public ReadOnlySpan<byte> Chain => _chain;

    /// <summary>A file of the stream could not be read: nothing is known of what the next one follows.</summary>
    public void PassOver() => _begun = false;

    /// <summary>Whether one of the heads that were given was met; when not, the recording was cut off before it or replaced.</summary>
    public bool HasSeen(ReadOnlySpan<byte> head) => _heads.GetValueOrDefault(KeyOf(head));

    private void Verify(SegmentVerdict verdict, Stream file, in FragmentEntry entry, ReadOnlySpan<byte> initDigest, bool isPart)
    {
        if (_buffer.Length < entry.Length) _buffer = new byte[Math.Max(entry.Length, 2 * _buffer.Length)];
        var fragment = _buffer.AsSpan(0, entry.Length);
        file.Position = entry.Offset;
        file.ReadExactly(fragment);
        FragmentHeader.TryRead(fragment, out var header);
        bool first = verdict.Fragments == 0;
        verdict.Begin(header);
        if (first && !isPart && header.FragmentNumber > 1)
            verdict.Find(FindingKind.Missing, verdict.At, $"{header.FragmentNumber - 1} fragments at its beginning are not there");
        byte[]? stored = FragmentHeader.FormOf(fragment) == StoredForm.Matroska ? fragment.ToArray() : null;
        var restored = FragmentRestoration.Restore(fragment, keyOf);
        bool intact = restored != Restored.Altered && (stored is null || IsItsForm(fragment, stored));
        if (!FragmentHeader.TryReadLink(fragment, out var link))
        {
            verdict.Unhashed();
            _unhashed = true;
            if (!intact) verdict.Find(FindingKind.Altered, verdict.At, $"fragment {header.FragmentNumber} is not what was written");
            if (_hashed) verdict.Find(FindingKind.Altered, verdict.At, $"fragment {header.FragmentNumber} has no hash, and what is before it has");
            return;
        }

        Span<byte> digest = stackalloc byte[ChainLink.HashBytes];
        if (restored == Restored.KeyMissing) verdict.Locked();
        else intact = intact && _digest.TryCompute(header, initDigest, fragment[FragmentHeader.SizeAt(fragment)..], digest) && link.Holds(digest);
        bool follows = !_begun || link.Previous.SequenceEqual(_chain);
        if (!intact || !follows) GiveUp(verdict, header);
        if (!intact) verdict.Find(FindingKind.Altered, verdict.At, $"fragment {header.FragmentNumber} is not what was recorded");
        if (!follows) FindBreak(verdict, link, header, mayLack: first && _isOtherFetch);
        if (!_hashed && _unhashed && link.Previous.ContainsAnyExcept((byte)0))
            verdict.Find(FindingKind.Missing, verdict.At, $"fragment {header.FragmentNumber} follows others with hashes, and they are not there");
        Follow(link);
        Vouch(verdict, link.IsSigned && intact ? Check(verdict, link, header) : null);
    }

    /// <summary>What Matroska players go by, times and marks in front of the samples, is hashed nowhere: it is what follows from what was recorded, or altered.</summary>
    private bool IsItsForm(ReadOnlySpan<byte> canonical, ReadOnlySpan<byte> stored)
    {
        byte[] again = canonical.ToArray();
        return _tracks is not null && MatroskaFragment.TryWrite(again, _tracks) && stored.SequenceEqual(again);
    }

    private void Vouch(SegmentVerdict verdict, HeadSignature? head)
    {
        if (_waiting++ == 0) _waitingSince = verdict.At;
        if (head == HeadSignature.Good) _waiting = 0;
        verdict.Add(head);
    }

    /// <summary>A chain that does not follow from what it names as the one before may have been put behind anything: signatures from there on say nothing of what
    /// stands in front, back to the last good one.</summary>
    private void GiveUp(SegmentVerdict verdict, in FragmentHeader header)
    {
        if (keys is not null && _waiting > 0)
        {
            verdict.Find(
                FindingKind.Unvouched, _waitingSince, $"{_waiting} fragments from here to fragment {header.FragmentNumber}: what follows them was changed, so that no signature vouches for them");
        }

        _waiting = 0;
    }

    /// <summary>Half a fragment is what a recorder leaves that writes just now, or whose power went. Nobody writes anything else there.</summary>
    private static FindingKind KindOfRest(Stream file, long end, long length)
    {
        Span<byte> start = stackalloc byte[FragmentHeader.UserTypePosition + FragmentHeader.UserType.Length];
        file.Position = end;
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return length - end <= GopTable.MaxFragmentBytes && read == start.Length && start[FragmentHeader.UserTypePosition..].SequenceEqual(FragmentHeader.UserType)
            ? FindingKind.Torn : FindingKind.Altered;
    }

    /// <summary>What follows is not what came before. Both the place of a fragment that should not be there and that of one that is missing are found.</summary>
    /// <param name="mayLack">Retention deletes what was fetched from devices by when it was recorded, and chained it is in the order of the fetches: of an earlier fetch the
    /// end, of this one the beginning may be gone with no harm done.</param>
    private void FindBreak(SegmentVerdict verdict, in ChainLink link, in FragmentHeader header, bool mayLack)
    {
        if (_recent.Contains(KeyOf(link.Chain)))
            verdict.Find(FindingKind.Reordered, verdict.At, $"fragment {header.FragmentNumber} stands here a second time, or behind what follows it");
        else if (_recent.Contains(KeyOf(link.Previous)))
            verdict.Find(FindingKind.Inserted, verdict.At, $"in front of fragment {header.FragmentNumber} stands what was not recorded there");
        else if (mayLack)
            verdict.IsBehindOtherFetch = true;
        else
            verdict.Find(FindingKind.Missing, verdict.At, $"what was recorded in front of fragment {header.FragmentNumber} is not there");
    }

    private HeadSignature? Check(SegmentVerdict verdict, in ChainLink link, in FragmentHeader header)
    {
        if (keys is null) return null;
        var signature = keys.Check(link);
        if (signature == HeadSignature.Bad)
            verdict.Find(FindingKind.Altered, verdict.At, $"the signature at fragment {header.FragmentNumber} is false");
        else if (signature == HeadSignature.UnknownKey)
            verdict.Find(FindingKind.UnknownKey, verdict.At, $"fragment {header.FragmentNumber} was signed with the unknown key {Convert.ToHexStringLower(link.KeyId)}");
        return signature;
    }

    private void Follow(in ChainLink link)
    {
        link.Chain.CopyTo(_chain);
        if (!_begun) Remember(KeyOf(link.Previous));
        var key = KeyOf(link.Chain);
        Remember(key);
        if (_heads.ContainsKey(key)) _heads[key] = true;
        _begun = _hashed = true;
    }

    private void Remember(UInt128 key)
    {
        if (!_recent.Add(key)) return;
        _recentOrder.Enqueue(key);
        if (_recentOrder.Count > RememberedChains) _recent.Remove(_recentOrder.Dequeue());
    }

    private static UInt128 KeyOf(ReadOnlySpan<byte> chain) => BinaryPrimitives.ReadUInt128BigEndian(chain);
}
