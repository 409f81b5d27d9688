using System.Security.Cryptography;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>A stored fragment as it will be sent.</summary>
/// <param name="Start">Its first byte in the body.</param>
/// <param name="Path">The archive file it is in.</param>
internal readonly record struct SentFragment(long Start, string Path, FragmentEntry Stored, FragmentPatch Patch)
{
    public int Length => Stored.Length + Patch.ParameterSets.Length;
}

/// <summary>
/// A response body made of bytes in memory and stored fragments. Its length and its entity tag follow from the index alone: no file
/// is opened before a byte of it is asked for.
/// </summary>
internal sealed class RecordedBody
{
    private readonly SentFragment[] _fragments;

    private RecordedBody(ReadOnlyMemory<byte> head, SentFragment[] fragments, string entityTag)
    {
        Head = head;
        _fragments = fragments;
        EntityTag = entityTag;
        Length = fragments.Length == 0 ? head.Length : fragments[^1].Start + fragments[^1].Length;
    }

    public ReadOnlyMemory<byte> Head { get; }

    public long Length { get; }

    /// <summary>Strong: equal tags, equal bytes. Without quotes.</summary>
    public string EntityTag { get; }

    /// <summary>The fragment that holds a byte of the body behind <see cref="Head"/>.</summary>
    public SentFragment At(long position)
    {
        int low = 0, high = _fragments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_fragments[middle].Start <= position) low = middle;
            else high = middle - 1;
        }

        return _fragments[low];
    }

    /// <summary>Collects the fragments of a body one by one.</summary>
    internal sealed class Builder
    {
        private readonly List<SentFragment> _fragments = [];
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _length;

        /// <summary>Adds a fragment and returns its length in the body.</summary>
        public int Add(SegmentRow segment, in FragmentEntry stored, in FragmentPatch patch)
        {
            var fragment = new SentFragment(_length, segment.Path, stored, patch);
            _fragments.Add(fragment);
            _length += fragment.Length;
            Span<byte> identity = stackalloc byte[16 + 8 + 4 + 8 + 4 + 4 + 4];
            segment.Id.TryWriteBytes(identity);
            BitConverter.TryWriteBytes(identity[16..], stored.Offset);
            BitConverter.TryWriteBytes(identity[24..], stored.Length);
            BitConverter.TryWriteBytes(identity[28..], patch.ShiftTicks);
            BitConverter.TryWriteBytes(identity[36..], patch.FragmentNumber);
            BitConverter.TryWriteBytes(identity[40..], patch.SampleDescriptions[0]);
            BitConverter.TryWriteBytes(identity[44..], patch.ParameterSets.Length);
            _hash.AppendData(identity);
            return fragment.Length;
        }

        public RecordedBody Build(ReadOnlyMemory<byte> head)
        {
            _hash.AppendData(head.Span);
            string tag = Convert.ToHexStringLower(_hash.GetHashAndReset().AsSpan(0, 16));
            _hash.Dispose();
            return new RecordedBody(head, [.. _fragments.Select(f => f with { Start = f.Start + head.Length })], tag);
        }
    }
}
