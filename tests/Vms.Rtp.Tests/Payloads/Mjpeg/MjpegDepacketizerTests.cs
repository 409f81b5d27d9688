using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.Mjpeg;
using Vms.Rtp.Tests.Payloads.H264;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Rtp.Tests.Payloads.Mjpeg;

/// <summary>Pictures that ffmpeg encoded and packetized (its muxer speaks RFC 2435), and single packets by hand.</summary>
public sealed class MjpegDepacketizerTests
{
    [Fact]
    public async Task Pictures_of_ffmpeg_come_out_as_jpegs_that_decode()
    {
        var packets = await PacketsOfFfmpegAsync();
        var depacketizer = new MjpegDepacketizer(new AccessUnitBuffer());
        using var folder = new TestDirectory();
        await using (var file = File.Create(folder["all.mjpeg"]))
        {
            foreach (byte[] bytes in packets)
            {
                Assert.True(RtpPacketView.TryParse(bytes, out var packet));
                Assert.Equal(PayloadFault.None, depacketizer.Push(packet, 0).Fault);
                while (depacketizer.Units.TryTake(out var unit))
                {
                    Assert.True(unit.Info.IsKeyframe);
                    file.Write(unit.Data);
                }
            }
        }

        string decoded = await ChildProcess.RunAsync(
            "ffprobe", ["-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames,width,height", "-of", "csv=p=0", folder["all.mjpeg"]]);
        Assert.Equal("320,240,10", decoded.Trim());
        Assert.Equal((CodecKind.Mjpeg, 320, 240), (depacketizer.Describe(0)!.Codec, depacketizer.Describe(0)!.Width, depacketizer.Describe(0)!.Height));
    }

    [Fact]
    public async Task A_lost_packet_costs_one_picture_and_no_more()
    {
        var packets = await PacketsOfFfmpegAsync();
        int perPicture = packets.FindIndex(packet => (packet[1] & 0x80) != 0) + 1;
        Assert.True(perPicture > 2);
        for (int missing = 0; missing < perPicture; missing++)
        {
            var depacketizer = new MjpegDepacketizer(new AccessUnitBuffer());
            int units = 0;
            int dropped = 0;
            for (int i = 0; i < packets.Count; i++)
            {
                if (i == missing)
                    continue;
                Assert.True(RtpPacketView.TryParse(packets[i], out var packet));
                depacketizer.Push(packet, i == missing + 1 ? 1 : 0);
                while (depacketizer.Units.TryTake(out var unit))
                {
                    units++;
                    dropped += unit.Info.DroppedBefore;
                }
            }

            Assert.Equal(9, units);
            Assert.InRange(dropped, 1, 2);      // when the marker is lost the next picture's start is not sure to be the first
        }
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(50, 10)]
    [InlineData(99, 10)]
    public void Tables_follow_from_q_and_restart_markers_are_announced(int q, int interval)
    {
        var depacketizer = new MjpegDepacketizer(new AccessUnitBuffer());
        byte[] payload = [0, 0, 0, 0, 65, (byte)q, 2, 2, 0, (byte)interval, 0xFF, 0xFF, 0xAB, 0xCD];
        Assert.True(RtpPacketView.TryParse(new CasePacket(payload, true, 1, 0).ToRtp(0), out var packet));

        Assert.True(depacketizer.Push(packet, 0).IsAccessUnit);
        Assert.True(depacketizer.Units.TryTake(out var unit));

        int dqt = unit.Data.IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDB]);
        int expected = q switch { 1 => 255, 50 => 16, _ => 1 };
        Assert.Equal(expected, unit.Data[dqt + 5]);
        int dri = unit.Data.IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDD]);
        Assert.Equal(interval, BinaryPrimitives.ReadUInt16BigEndian(unit.Data[(dri + 4)..]));
        Assert.True(unit.Data.EndsWith((ReadOnlySpan<byte>)[0xAB, 0xCD, 0xFF, 0xD9]));
    }

    [Fact]
    public void Tables_that_came_once_are_good_for_later_pictures_of_the_same_q()
    {
        var depacketizer = new MjpegDepacketizer(new AccessUnitBuffer());
        byte[] tables = [.. Enumerable.Range(1, 128).Select(i => (byte)i)];
        Assert.True(Push([0, 0, 0, 0, 1, 200, 2, 2, 0, 0, 0, 128, .. tables, 0xAA], 1).IsAccessUnit);
        Assert.True(Push([0, 0, 0, 0, 1, 200, 2, 2, 0, 0, 0, 0, 0xBB], 2).IsAccessUnit);
        Assert.Equal(PayloadFault.MalformedFragment, Push([0, 0, 0, 0, 1, 201, 2, 2, 0, 0, 0, 0, 0xCC], 3).Fault);
        Assert.Equal(PayloadFault.UnsupportedType, Push([0, 0, 0, 0, 5, 50, 2, 2, 0xCC], 4).Fault);
        Assert.True(Push([0, 0, 0, 0, 1, 200, 2, 2, 0, 0, 0, 0, 0xDD], 5).IsAccessUnit);

        DepacketizeResult Push(byte[] payload, uint timestamp)
        {
            Assert.True(RtpPacketView.TryParse(new CasePacket(payload, true, timestamp, 0).ToRtp(0), out var packet));
            return depacketizer.Push(packet, 0);
        }
    }

    [Fact]
    public void Any_packets_do_no_harm() =>
        Prop.ForAll(
            (from head in Gen.Elements<byte[]>([], [0, 0, 0, 0, 1, 50, 2, 2], [0, 0, 0, 0, 65, 200, 2, 2, 0, 1], [0, 0, 0, 0, 1, 255, 4, 4, 0, 3, 0, 128], [0, 0, 0, 5, 1, 50, 2, 2])
             from tail in ArbMap.Default.GeneratorFor<byte[]>()
             from marker in ArbMap.Default.GeneratorFor<bool>()
             from lost in Gen.Choose(0, 1)
             select ((byte[])[.. head, .. tail], marker, lost)).ArrayOf().ToArbitrary(),
            packets =>
            {
                var depacketizer = new MjpegDepacketizer(new AccessUnitBuffer());
                uint timestamp = 0;
                foreach (var (payload, marker, lost) in packets)
                {
                    timestamp += (uint)lost;
                    Assert.True(RtpPacketView.TryParse(new CasePacket(payload, marker, timestamp, lost).ToRtp(0), out var packet));
                    depacketizer.Push(packet, lost);
                    while (depacketizer.Units.TryTake(out var unit))
                        Assert.True(unit.Data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) && unit.Data.EndsWith((ReadOnlySpan<byte>)[0xFF, 0xD9]));
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    /// <summary>ffmpeg sends RTP to a socket of ours.</summary>
    private static async Task<List<byte[]>> PacketsOfFfmpegAsync()
    {
        using var socket = new System.Net.Sockets.UdpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        socket.Client.ReceiveBufferSize = 4 << 20;
        int port = ((System.Net.IPEndPoint)socket.Client.LocalEndPoint!).Port;
        var packets = new List<byte[]>();
        // The standard Huffman tables are the only ones RFC 2435 knows.
        var sending = ChildProcess.RunAsync(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=10", "-frames:v", "10", "-c:v", "mjpeg", "-huffman", "default", "-q:v", "5",
                "-pix_fmt", "yuvj420p", "-force_duplicated_matrix", "1", "-f", "rtp", $"rtp://127.0.0.1:{port}?pkt_size=1200",
            ]);
        int pictures = 0;
        while (pictures < 10)
        {
            var received = await socket.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(60));
            if ((received.Buffer[1] & 0x7F) != 26)
                continue;
            packets.Add(received.Buffer);
            pictures += received.Buffer[1] >> 7;
        }

        await sending;
        return packets;
    }
}
