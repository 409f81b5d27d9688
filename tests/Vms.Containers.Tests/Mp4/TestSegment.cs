using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

/// <summary>A segment file as the recorder writes it: fragments of at most a GOP or a second.</summary>
internal sealed class TestSegment
{
    public required byte[] File { get; init; }

    public required int InitBytes { get; init; }

    public required IReadOnlyList<FragmentEntry> Fragments { get; init; }

    public required IReadOnlyList<FragmentHeader> Headers { get; init; }

    /// <param name="builder">Of the stream that the segment belongs to; its own when there is none.</param>
    /// <param name="signEvery">So many fragments, and the last one, are signed.</param>
    /// <param name="signLast">Unless this says otherwise.</param>
    public static TestSegment Write(
        TestFootage footage, TimeSpan? fragmentLimit = null, Fmp4FragmentBuilder? builder = null, int signEvery = int.MaxValue, bool signLast = true)
    {
        byte[] init = Fmp4Writer.StoredInit([footage.Track]);
        var file = new MemoryStream();
        file.Write(init);
        builder ??= new Fmp4FragmentBuilder();
        builder.BeginSegment([footage.Track], 1, epoch: 7, init);
        var entries = new List<FragmentEntry>();
        var headers = new List<FragmentHeader>();
        long sequence = 100;
        foreach (var sample in footage.Samples)
        {
            bool full = sample.Header.IsKeyframe || builder.Duration >= (fragmentLimit ?? TimeSpan.FromSeconds(1)) - TimeSpan.FromMilliseconds(40);
            if (full && builder.CanEndBefore(sample.Header)) Append(builder.Finish(sample.Header, out var header, entries.Count % signEvery == signEvery - 1).Span, header);
            Assert.True(builder.AddSample(sample.Header, sequence++, sample.Payload.Span));
        }

        Append(builder.Finish(out var last, signLast).Span, last);
        return new TestSegment { File = file.ToArray(), InitBytes = init.Length, Fragments = entries, Headers = headers };

        void Append(ReadOnlySpan<byte> bytes, in FragmentHeader header)
        {
            entries.Add(header.ToEntry(file.Length));
            headers.Add(header);
            file.Write(bytes);
        }
    }
}
