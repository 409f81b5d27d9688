using BenchmarkDotNet.Attributes;
using Vms.Codecs;
using Vms.StreamLog;

namespace Vms.Benchmarks;

/// <summary>
/// What does a sample cost on its way through a stream log: the writer's append, a reader's copy and commit, and the commit that
/// also verifies the checksum? Both ends run on one thread and the log is warm, so this cannot tell what cache lines travelling
/// between two cores cost.
/// </summary>
[MemoryDiagnoser]
public class StreamLogBenchmark
{
    private const int Samples = 256;

    private string _path = null!;
    private StreamLogWriter _writer = null!;
    private StreamLogReader _reader = null!;
    private byte[] _payload = null!;
    private byte[] _copy = null!;

    /// <summary>An audio frame; a P picture of 4 Mbit/s at 25 per second; a keyframe of a 4K camera.</summary>
    [Params(160, 20_000, 500_000)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        string parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _path = Path.Combine(parent, $"vms-bench-{Guid.NewGuid():n}"[..24]);
        const long capacity = 256 << 20;   // holds one operation's samples, so that the reader is never lapped
        var directory = new StreamLogDirectory(_path);
        _writer = StreamLogWriter.Open(
            directory, "bench.main", new StreamLogOptions { InitialCapacityBytes = capacity, MaxCapacityBytes = capacity }, TimeProvider.System);
        _writer.SetTracks([new TrackInfo(0, CodecKind.H264, 90_000, new byte[] { 1, 0x64, 0, 0x1F }, 1920, 1080)]);
        if (!StreamLogReader.TryOpen(directory, "bench.main", TimeProvider.System, out StreamLogReader? reader))
            throw new InvalidOperationException("The log that was just made cannot be opened.");
        _reader = reader;
        _payload = new byte[PayloadBytes];
        new Random(1).NextBytes(_payload);
        _copy = new byte[PayloadBytes];
        while (_writer.NextSequence * PayloadBytes < 2 * capacity)
            Append();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _reader.Dispose();
        _writer.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Samples)]
    public long Append()
    {
        for (int i = 0; i < Samples; i++)
        {
            long sequence = _writer.NextSequence;
            SampleFlags flags = sequence % 50 == 1 ? SampleFlags.Keyframe : SampleFlags.None;
            _writer.Append(new SampleHeader(0, flags, GapCause.None, 1, sequence * 3600, sequence * 40_000), _payload);
        }

        return _writer.NextSequence;
    }

    [Benchmark(OperationsPerInvoke = Samples)]
    public long AppendAndRead() => Read(verifyChecksum: false);

    [Benchmark(OperationsPerInvoke = Samples)]
    public long AppendAndReadVerified() => Read(verifyChecksum: true);

    private long Read(bool verifyChecksum)
    {
        _reader.SeekToEnd();
        Append();
        long read = 0;
        while (_reader.TryRead(out SampleLease lease) == ReadOutcome.Sample)
        {
            lease.Payload.CopyTo(_copy);
            if (lease.Commit(verifyChecksum))
                read++;
        }

        return read == Samples ? read : throw new InvalidOperationException($"{read} samples came out.");
    }
}
