using Microsoft.Extensions.Logging.Abstractions;
using Vms.Testing;

namespace Vms.Hosting.Tests;

/// <summary>What a plane knows of rights that were taken away, and who is meant by it.</summary>
public sealed class RevokedRightsTests : IDisposable
{
    private static readonly Guid s_anna = Guid.NewGuid();
    private static readonly Guid s_bert = Guid.NewGuid();
    private static readonly Guid s_signIn = Guid.NewGuid();

    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private long _generation;

    private DateTimeOffset Taken { get; } = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("the right is another one", ViewingRight.Live, "1", ViewingRight.Playback, "1", false)]
    [InlineData("the camera is another one", ViewingRight.Live, "2", ViewingRight.Live, "1", false)]
    [InlineData("one of several rights", ViewingRight.Live | ViewingRight.Export, "1", ViewingRight.Export, "1", true)]
    [InlineData("the camera", ViewingRight.Live, "1", ViewingRight.Live, "1", true)]
    [InlineData("every camera", ViewingRight.Live, null, ViewingRight.Live, "1", true)]
    [InlineData("every camera, of something that shows none yet", ViewingRight.Live, null, ViewingRight.Live, null, true)]
    [InlineData("one camera, of something that shows none yet", ViewingRight.Live, "1", ViewingRight.Live, null, false)]
    public void A_viewer_is_meant_by_right_and_camera(string why, ViewingRight taken, string? ofCamera, ViewingRight has, string? onCamera, bool meant)
    {
        var revoked = Open();
        revoked.Apply(List(New(s_anna, ofCamera is null ? null : [ofCamera], taken)));
        Assert.True(meant == revoked.Takes(Viewer(s_anna, Taken.AddTicks(-10)), has, onCamera), why);
        Assert.False(revoked.Takes(Viewer(s_bert, Taken.AddTicks(-10)), has, onCamera));
        Assert.False(revoked.Takes(Viewer(s_anna, Taken), has, onCamera));      // by rights as they were read then
        Assert.False(revoked.Takes(new Viewer("nobody said who", null), has, onCamera));
    }

    [Fact]
    public void A_sign_in_is_over_however_new_the_rights_are_and_the_account_is_not()
    {
        var revoked = Open();
        revoked.Apply(List(New(s_anna, null, ViewingRight.All) with { SignInId = s_signIn }));
        Assert.True(revoked.Takes(Viewer(s_anna, Taken.AddDays(1)) with { SignInId = s_signIn }, ViewingRight.Live, "1"));
        Assert.False(revoked.Takes(Viewer(s_anna, Taken.AddTicks(-10)) with { SignInId = Guid.NewGuid() }, ViewingRight.Live, "1"));
        Assert.False(revoked.Takes(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1"));
    }

    [Fact]
    public void What_is_taken_from_everybody_is_taken_from_whom_nobody_named()
    {
        var revoked = Open();
        revoked.Apply(List(New(null, null, ViewingRight.All)));
        Assert.True(revoked.Takes(new Viewer("wall", null), ViewingRight.Publish, "1"));
    }

    [Fact]
    public void A_plane_that_starts_alone_knows_it_still_after_an_hour_and_forgets_it_when_nothing_issued_before_is_alive()
    {
        Open().Apply(List(New(s_anna, ["1"], ViewingRight.Live)));
        _time.Advance(TimeSpan.FromHours(1));
        var again = Open();
        Assert.Equal(1, again.Mark.Generation);
        Assert.True(again.Takes(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1"));

        _time.Advance(TimeSpan.FromHours(24));
        again.Apply(List(New(s_bert, null, ViewingRight.Live)));
        Assert.False(again.Takes(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1"));
        Assert.True(again.Takes(Viewer(s_bert, Taken.AddTicks(-10)), ViewingRight.Live, "1"));
    }

    [Fact]
    public void What_is_told_twice_or_too_late_changes_nothing_and_a_whole_list_replaces()
    {
        var revoked = Open();
        var first = List(New(s_anna, null, ViewingRight.Live));
        revoked.Apply(first);
        var second = List(New(s_bert, null, ViewingRight.Live));
        Assert.Equal(second.Mark, revoked.Apply(second));
        Assert.Equal(second.Mark, revoked.Apply(first));
        Assert.True(revoked.Takes(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1"));

        _generation = 0;
        revoked.Apply(List(New(s_bert, null, ViewingRight.Playback)) with { IsWhole = true });
        Assert.Equal(1, revoked.Mark.Generation);
        Assert.False(revoked.Takes(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1"));
        Assert.True(revoked.Takes(Viewer(s_bert, Taken.AddTicks(-10)), ViewingRight.Playback, "1"));
    }

    [Fact]
    public void More_than_a_plane_keeps_is_refused_and_a_coarser_list_taken()
    {
        var revoked = Open();
        revoked.Apply(List([.. Enumerable.Range(0, RevokedRights.Max).Select(_ => New(s_anna, ["1"], ViewingRight.Live))]));
        Assert.Throws<TooManyRevocationsException>(() => revoked.Apply(List(New(s_bert, null, ViewingRight.Live))));
        Assert.False(revoked.Takes(Viewer(s_bert, Taken.AddTicks(-10)), ViewingRight.Live, "1"));
        revoked.Apply(List(New(s_anna, null, ViewingRight.All), New(s_bert, null, ViewingRight.Live)) with { IsWhole = true });
        Assert.True(revoked.Takes(Viewer(s_bert, Taken.AddTicks(-10)), ViewingRight.Live, "1"));
    }

    [Fact]
    public void What_cannot_be_written_down_counts_and_is_asked_for_again()
    {
        var revoked = Open();
        File.WriteAllText(_directory["state"], "in the way of the folder");
        Assert.ThrowsAny<IOException>(() => revoked.Apply(List(New(s_anna, null, ViewingRight.Live))));
        Assert.True(revoked.Takes(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1"));
        Assert.Equal(RevocationMark.None, revoked.Mark);
    }

    [Fact]
    public void What_is_open_ends_once_and_what_has_left_is_left_alone()
    {
        var revoked = Open();
        using var viewings = Viewings(revoked);
        int ended = 0, left = 0, kinder = 0;
        using var open = viewings.TryOpen(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1", () => ended++)!;
        viewings.TryOpen(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1", () => left++)!.Dispose();
        using var socket = viewings.TryOpen(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1", () => ended++)!;
        socket.EndBy(() => kinder++);
        using var other = viewings.TryOpen(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "2", () => ended++)!;

        revoked.Apply(List(New(s_anna, ["1"], ViewingRight.Live)));
        revoked.Apply(List(New(s_anna, ["1"], ViewingRight.Live)));
        Assert.Equal((1, 0, 1), (ended, left, kinder));
        Assert.Equal((true, false), (open.IsRevoked, other.IsRevoked));
        Assert.Null(viewings.TryOpen(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Live, "1", () => { }));
        Assert.Equal(3, viewings.Count);        // none of the one that was refused
    }

    [Fact]
    public void An_export_ends_with_the_right_to_one_of_its_cameras()
    {
        var revoked = Open();
        using var viewings = Viewings(revoked);
        int ended = 0;
        using var open = viewings.TryOpen(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Export, null, () => ended++)!;
        Assert.True(open.TryName(["1", "2"]));
        revoked.Apply(List(New(s_anna, ["2"], ViewingRight.Export)));
        Assert.Equal(1, ended);
        using var late = viewings.TryOpen(Viewer(s_anna, Taken.AddTicks(-10)), ViewingRight.Export, null, () => { })!;
        Assert.False(late.TryName(["2"]));
    }

    private PlaneOptions Options => new()
    {
        DataDirectory = _directory.Path,
        RunDirectory = _directory["run"],
        BindAddress = "127.0.0.1",
        HttpPort = 0,
        MediaPort = 0,
        PlaybackPort = 0,
        WebRtcPort = 0,
    };

    private RevokedRights Open() => new(Options, NodeKey.LoadOrCreate(Options), _time, NullLogger<RevokedRights>.Instance, "media");

    private Viewings Viewings(RevokedRights revoked) =>
        new(revoked, new ViewingLog(Options, NodeKey.LoadOrCreate(Options), _time, NullLogger<ViewingLog>.Instance, "media"), NullLogger<Viewings>.Instance);

    private static Viewer Viewer(Guid account, DateTimeOffset rightsAsOf) => new("somebody", null, account, null, rightsAsOf);

    private Revocation New(Guid? account, string[]? cameras, ViewingRight rights) =>
        new(++_generation, account, null, cameras, rights, Taken, _time.GetUtcNow().AddHours(25));

    private RevocationList List(params Revocation[] items) => new(IsWhole: false, new RevocationMark(items.Max(i => i.Generation), $"{_generation}"), items);
}
