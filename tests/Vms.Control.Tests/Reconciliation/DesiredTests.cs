using Microsoft.Extensions.Configuration;
using Vms.Control.Features.Cameras;
using Vms.Control.Reconciliation;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Control.Tests.Reconciliation;

public sealed class DesiredTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly NodeKey _key;

    public DesiredTests() => _key = NodeKey.LoadOrCreate(PlaneOptions.From(
        new ConfigurationBuilder().AddInMemoryCollection([new("VMS_DATA", _directory.Path)]).Build()));

    [Theory]
    [InlineData("off", false, true)]          // nobody wants it: it may sleep
    [InlineData("continuous", false, false)]  // recorded
    [InlineData("off", true, false)]          // analysed
    public void On_demand_gives_way_to_recording_and_analysis(string mode, bool analysed, bool expected)
    {
        var desired = Desired.Of(Row(s => s with
        {
            OnDemand = true,
            Recording = s.Recording with { Mode = mode },
            Analytics = new AnalyticsSettings(analysed),
        }), _key);
        Assert.Equal(expected, desired.Main!.OnDemand);
    }

    [Fact]
    public void A_camera_of_which_both_streams_are_recorded_has_two_recordings_and_neither_stream_sleeps()
    {
        var row = Row(s => s with { SubUrl = "rtsp://h/sub", OnDemand = true, Recording = s.Recording with { Mode = "continuous", Stream = RecordingSettings.Both } });
        var desired = Desired.Of(row, _key);
        Assert.Equal(["main", "sub"], desired.Recordings.Select(r => r.Stream));
        Assert.All(desired.Recordings, r => Assert.Equal(("continuous", row.Generations.Recording), (r.Mode, r.Generation)));
        Assert.False(desired.Main!.OnDemand || desired.Sub!.OnDemand);
        var main = row with { Settings = row.Settings with { Recording = row.Settings.Recording with { Stream = "main" } } };
        Assert.Equal(6, Desired.Next(main, row, _key).Generations.Recording);
    }

    [Fact]
    public void Basic_in_the_clear_is_the_cameras_own_choice()
    {
        Assert.False(Desired.Of(Row(s => s), _key).Main!.AllowBasicInClear);
        Assert.True(Desired.Of(Row(s => s with { AllowBasicInClear = true }), _key).Main!.AllowBasicInClear);
    }

    [Fact]
    public void A_pinned_certificate_is_told_with_both_streams_and_another_one_is_a_reason_to_connect_anew()
    {
        string pin = new('a', 64);
        var row = Row(s => s with { SubUrl = "rtsps://h/sub" });
        Assert.Equal("", Desired.Of(row, _key).Main!.TlsCertificateSha256);
        var pinned = row with { Settings = row.Settings with { TlsCertificateSha256 = pin } };
        var desired = Desired.Of(pinned, _key);
        Assert.Equal((pin, pin), (desired.Main!.TlsCertificateSha256, desired.Sub!.TlsCertificateSha256));
        var next = Desired.Next(pinned, row, _key).Generations;
        Assert.True(next.Main > row.Generations.Main && next.Sub > row.Generations.Sub);
        Assert.Equal(row.Generations.Recording, next.Recording);
    }

    [Fact]
    public void The_small_stream_is_analysed_where_there_is_one()
    {
        Assert.Equal("main", Desired.Of(Row(s => s with { Analytics = new AnalyticsSettings(true) }), _key).Analysis!.Stream);
        var both = Desired.Of(Row(s => s with { SubUrl = "rtsp://h/sub", Analytics = new AnalyticsSettings(true), OnDemand = true }), _key);
        Assert.Equal("sub", both.Analysis!.Stream);
        Assert.False(both.Sub!.OnDemand);
    }

    [Fact]
    public void A_generation_moves_only_for_the_plane_that_is_asked_for_something_else()
    {
        var row = Row(s => s);
        CameraGenerations After(Func<CameraSettings, CameraSettings> change) =>
            Desired.Next(row with { Settings = change(row.Settings) }, row, _key).Generations;

        Assert.Equal(new CameraGenerations(6, 1, 2, 6, 4), After(s => s with { Name = "other" }));
        Assert.Equal(new CameraGenerations(6, 6, 2, 3, 4), After(s => s with { MainUrl = "rtsp://other/x" }));
        Assert.Equal(new CameraGenerations(6, 1, 6, 3, 4), After(s => s with { SubUrl = "rtsp://h/sub" }));
        Assert.Equal(new CameraGenerations(6, 1, 2, 6, 4), After(s => s with { Recording = s.Recording with { SegmentSeconds = 20 } }));
        Assert.Equal(new CameraGenerations(6, 1, 2, 3, 6), After(s => s with { Analytics = new AnalyticsSettings(true) }));
        Assert.Equal(6, Desired.Next(row with { PasswordProtected = _key.Protect("new") }, row, _key).Generations.Main);
    }

    [Fact]
    public void A_password_that_this_node_cannot_read_is_left_out()
    {
        var row = Row(s => s) with { PasswordProtected = "bm90IG91cnM=" };
        Assert.Equal("", Desired.Of(row, _key).Main!.Password);
    }

    public void Dispose() => _directory.Dispose();

    private static CameraRow Row(Func<CameraSettings, CameraSettings> change) => new(
        "cam1",
        change(CameraRules.Check(new CameraRequest(Name: "x", MainUrl: "rtsp://h/main", Recording: new RecordingRequest(Mode: "off")), out _, out _)),
        null, new CameraGenerations(5, 1, 2, 3, 4), default, default);
}
