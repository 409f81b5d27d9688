using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using Vms.Testing;

namespace Vms.Hosting.Tests;

public sealed class ObservationTests
{
    [Fact]
    public void A_loop_that_stops_beating_is_named_after_its_patience()
    {
        var time = new ManualTimeProvider();
        var monitor = new ProgressMonitor(time);
        using var ingest = monitor.Register("ingest 0");
        using var writer = monitor.Register("pool writer", TimeSpan.FromSeconds(60));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("ingest 0", Assert.Single(monitor.Stalled()).Loop);
        ingest.Beat();
        Assert.Empty(monitor.Stalled());
    }

    [Fact]
    public void A_loop_that_ended_on_purpose_is_not_missed()
    {
        var time = new ManualTimeProvider();
        var monitor = new ProgressMonitor(time);
        monitor.Register("short").Dispose();
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(monitor.Stalled());
    }

    [Fact]
    public void Metrics_come_out_as_Prometheus_text()
    {
        using var metrics = new PrometheusMetrics();
        using var meter = new Meter("Vms.Test");
        meter.CreateCounter<long>("vms_test_lost_total", description: "Frames lost").Add(3, new KeyValuePair<string, object?>("camera", "a\"b"));
        meter.CreateObservableGauge("vms_test_open", () => 7);
        meter.CreateHistogram<double>("vms_test_seconds").Record(0.2);
        var text = metrics.Render();
        Assert.Contains("# HELP vms_test_lost_total Frames lost\n# TYPE vms_test_lost_total counter\nvms_test_lost_total{camera=\"a\\\"b\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE vms_test_open gauge\nvms_test_open 7\n", text, StringComparison.Ordinal);
        Assert.Contains("vms_test_seconds_bucket{le=\"0.1\"} 0\nvms_test_seconds_bucket{le=\"0.25\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("vms_test_seconds_count 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_longer_reported_is_gone_from_the_metrics_and_makes_room()
    {
        using var metrics = new PrometheusMetrics();
        using var meter = new Meter("Vms.Test");
        IReadOnlyList<int> cameras = [.. Enumerable.Range(0, 4096)];
        meter.CreateObservableGauge("vms_test_viewers", () => cameras.Select(c => new Measurement<int>(1, new KeyValuePair<string, object?>("camera", c))));
        var lost = meter.CreateCounter<long>("vms_test_lost_total");
        lost.Add(3);
        Assert.Contains("vms_test_viewers{camera=\"4095\"} 1\n", metrics.Render(), StringComparison.Ordinal);

        cameras = [4095, 5000];
        metrics.Render();       // makes the room
        var text = metrics.Render();
        Assert.Equal(
            ["vms_test_viewers{camera=\"4095\"} 1", "vms_test_viewers{camera=\"5000\"} 1"],
            text.Split('\n').Where(l => l.StartsWith("vms_test_viewers", StringComparison.Ordinal)));
        Assert.Contains("vms_test_lost_total 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_with_a_line_break_stays_one_line()
    {
        using var output = new MemoryStream();
        using (var lines = new BoundedLineWriter("test", new ManualTimeProvider(), new NonClosing(output)))
        using (var provider = new LineLoggerProvider("test", lines))
            provider.CreateLogger("Vms.Media.Ingest.RtspPuller").Log(LogLevel.Warning, default, "first\nWRN forged", null, (s, _) => s);
        var line = Assert.Single(Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n').Split('\n'));
        Assert.EndsWith(" WRN test RtspPuller: first ⏎ WRN forged", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_that_stops_never_stops_the_writer_and_the_loss_is_counted()
    {
        using var stuck = new StuckStream();
        using var lines = new BoundedLineWriter("test", TimeProvider.System, stuck);
        for (var i = 0; i < 20_000; i++)
            lines.WriteLine("x");
        Assert.InRange(lines.Dropped, 1, 20_000);
        stuck.Release();
    }

    /// <summary>Blocks every write, as a full pipe does.</summary>
    private sealed class StuckStream : MemoryStream
    {
        private readonly ManualResetEventSlim _open = new();

        public void Release() => _open.Set();

        public override void Write(byte[] buffer, int offset, int count) => _open.Wait();
    }

    private sealed class NonClosing(Stream inner) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}
