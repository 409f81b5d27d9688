using BenchmarkDotNet.Attributes;
using Vms.Codecs.H264;
using Vms.Rtp;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H264;
using Vms.Testing.Footage;

namespace Vms.Benchmarks;

/// <summary>What does one second of a 1080p25 4 Mbit/s stream cost from RTP payload to access unit, and the way back?
/// Says nothing of sockets, and its input is warm in the cache.</summary>
[MemoryDiagnoser]
public class H264DepacketizeBenchmark
{
    private const int Frames = 25;

    private readonly List<byte[]> _packets = [];
    private readonly List<(byte[] Unit, bool IsKeyframe)> _units = [];
    private readonly H264Depacketizer _depacketizer = new(new AccessUnitBuffer(initialCapacity: 1 << 20));
    private readonly H264Packetizer _packetizer = new(new H264PacketizerOptions());
    private uint _timestamp;

    [GlobalSetup]
    public void Setup()
    {
        var footage = H264Footage.LoadAsync(FootageSpec.FullHd).GetAwaiter().GetResult();
        _packetizer.SetParameterSets(AvcDecoderConfiguration.Build(footage.Sps.Span, footage.Pps.Span));
        foreach (var (index, unit) in footage.ToSamples().Take(Frames).Index())
        {
            _units.Add((unit, footage.Frames[index].IsKeyframe));
            _packetizer.Packetize(unit, (uint)index * 3600, footage.Frames[index].IsKeyframe);
            for (int i = 0; i < _packetizer.Packets.Count; i++)
                _packets.Add(_packetizer.Packets[i].ToArray());
        }
    }

    [Benchmark(Baseline = true)]
    public int Depacketize()
    {
        int units = 0;
        foreach (byte[] packet in _packets)
        {
            if (RtpPacketView.TryParse(packet, out var view) && _depacketizer.Push(view, lostBefore: 0).IsAccessUnit)
                units++;
        }

        return units;
    }

    [Benchmark]
    public int Packetize()
    {
        int packets = 0;
        foreach (var (unit, isKeyframe) in _units)
        {
            _packetizer.Packetize(unit, _timestamp += 3600, isKeyframe);
            packets += _packetizer.Packets.Count;
        }

        return packets;
    }
}
