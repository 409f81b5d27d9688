using Vms.Control.Auth;
using Vms.Control.Viewing;
using Vms.Hosting;

namespace Vms.Control.Tests.Viewing;

/// <summary>The difference between who could view what and who can.</summary>
public sealed class ViewingRightsTests
{
    private static readonly Guid s_anna = Guid.NewGuid();
    private static readonly Guid s_bert = Guid.NewGuid();

    public static TheoryData<string, string[], string[], string> Cases => new()
    {
        { "nothing changed", ["viewer@camera/1"], ["viewer@camera/1"], "" },
        { "more than before", ["viewer@camera/1"], ["admin@tenant/"], "" },
        { "one of two cameras", ["viewer@camera/1", "viewer@camera/2"], ["viewer@camera/2"], "Live, Playback of 1" },
        { "everything", ["viewer@tenant/"], [], "Live, Playback of all" },
        { "live video alone, of all that there was", ["viewer@tenant/"], ["investigator@tenant/"], "Live of all" },
        { "another way to the same right", ["viewer@camera/1"], ["viewer@site/a"], "" },
        { "a site that does not reach the camera", ["viewer@site/a"], ["viewer@camera/1"], "Live, Playback of 2" },
        { "different rights of different cameras", ["admin@camera/1", "viewer@camera/2", "viewer@camera/3"], ["viewer@camera/3"], "Live, Playback of 2; All of 1" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void What_was_lost_is_told_and_nothing_else(string why, string[] before, string[] now, string lost)
    {
        var kept = ViewingRights.FromBytes(ViewingRights.Of(Snapshot(before)).ToBytes());
        var losses = ViewingRights.Of(Snapshot(now)).LostSince(kept);
        Assert.All(losses, l => Assert.Equal(s_anna, l.AccountId));
        Assert.True(lost == string.Join("; ", losses.Select(l => $"{l.Rights} of {(l.CameraIds is null ? "all" : string.Join(' ', l.CameraIds))}")), why);
    }

    [Fact]
    public void More_cameras_than_are_named_are_all_of_them()
    {
        string[] cameras = [.. Enumerable.Range(0, ViewingRights.MaxCameras + 2).Select(i => $"{i:D5}")];
        var before = ViewingRights.Of(Snapshot(["viewer@tenant/"], cameras));
        var now = ViewingRights.Of(Snapshot(["viewer@camera/00000"], cameras));
        Assert.Null(Assert.Single(now.LostSince(before)).CameraIds);
    }

    [Fact]
    public void A_camera_that_is_not_there_any_more_is_lost()
    {
        var before = ViewingRights.Of(Snapshot(["viewer@tenant/"], ["1", "2"]));
        var now = ViewingRights.Of(Snapshot(["viewer@tenant/"], ["2", "3"]));
        Assert.All(now.LostSince(before), l => Assert.Equal(["1"], l.CameraIds!));
        Assert.Equal(2, now.LostSince(before).Count);       // of both accounts
    }

    [Fact]
    public void All_cameras_of_one_tenant_are_not_all_of_two_and_everybody_is_let_in_anew_once()
    {
        var one = ViewingRights.FromBytes(ViewingRights.Of(Snapshot(["viewer@tenant/"])).ToBytes());
        var two = ViewingRights.Of(Snapshot(["viewer@tenant/"], hasOneTenant: false));
        Assert.Equal(new Loss(null, null, ViewingRight.All), Assert.Single(two.LostSince(one)));
        Assert.Empty(two.LostSince(ViewingRights.FromBytes(two.ToBytes())));
        Assert.Empty(one.LostSince(two));
    }

    /// <summary>Anna with these grants (role@scope/id) and Bert who may see everything.</summary>
    private static RightsSnapshot Snapshot(string[] grants, string[]? cameras = null, bool hasOneTenant = true) => new(
        [("a", "default"), ("b", "default")], (cameras ?? ["1", "2", "3"]).Select(id => (id, new CameraPlace("default", id == "3" ? "b" : "a", []))),
        [new PrincipalRow(s_anna, "default", "anna", true), new PrincipalRow(s_bert, "default", "bert", true)],
        [
            .. grants.Select(g => g.Split('@', '/')).Select(g => new GrantRow(s_anna, g[0], g[1], g[2].Length == 0 ? null : g[2])),
            new GrantRow(s_bert, "viewer", "tenant", null),
        ],
        Role.BuiltIn.ToDictionary(r => r, Role.PermissionsOf), hasOneTenant);
}
