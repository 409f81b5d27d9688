using Vms.Media.Ingest;
using Vms.Media.Streams;
using Vms.Rtp.Payloads.H264;
using Vms.Rtsp;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Ingest;

public sealed class SamplePathAllocationTests
{
    private const int Warm = 3000;     // every slot of the reorder buffer has been used
    private const int Measured = 500;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_packet_on_its_way_into_the_log_allocates_nothing(bool reorder)
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        var frames = footage.ToSamples();
        using var directory = new TestDirectory();
        var logs = new StreamLogDirectory(directory["rings"]);
        var live = new LiveStream("c1", "main", logs, TimeProvider.System);
        using var log = StreamLogWriter.Open(logs, live.LogName, new(), TimeProvider.System);
        var counters = new IngestCounters();
        var time = new IngestTime(TimeSpan.FromSeconds(1), 1_000_000);
        var appender = new SampleAppender(live, log, counters, null, time);
        var video = new VideoTrackReceiver(appender, counters);
        appender.BeginRun([]);
        video.BeginRun(new MediaDescription { PayloadType = 96, Encoding = "H264" }, reorder ? TimeSpan.FromMilliseconds(100) : TimeSpan.Zero);
        var packetizer = new H264Packetizer(new H264PacketizerOptions());
        packetizer.SetParameterSets(Vms.Codecs.H264.AvcDecoderConfiguration.Build(footage.Sps.Span, footage.Pps.Span));

        long allocated = 0;
        long warmSamples = 0;
        for (int i = 0; i < Warm + Measured; i++)
        {
            packetizer.Packetize(frames[i % frames.Count], (uint)(i * 3600), footage.Frames[i % frames.Count].IsKeyframe);
            time = new(time.Monotonic + TimeSpan.FromMilliseconds(40), time.UtcUs + 40_000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int packet = 0; packet < packetizer.Packets.Count; packet++)
            {
                // With reordering, every two neighbours change places.
                int swapped = reorder && (packet ^ 1) < packetizer.Packets.Count ? packet ^ 1 : packet;
                video.Receive(packetizer.Packets[swapped], time);
            }

            video.Tick(time);
            if (i < Warm)
                warmSamples = counters.Samples;
            else
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
        Assert.Equal(Measured, counters.Samples - warmSamples);
    }
}
