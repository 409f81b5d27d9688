using Vms.Onvif.Ptz;

namespace Vms.Onvif.Tests.Ptz;

public sealed class PtzTests
{
    private const string Spaces = "http://www.onvif.org/ver10/tptz/PanTiltSpaces/";

    private static readonly PtzSpaces s_degrees = NodeOf(
        Space("AbsolutePanTiltPositionSpace", "urn:degrees", (0, 360), (-90, 20)) + Space("RelativePanTiltTranslationSpace", Spaces + "TranslationSpaceFov", (-1, 1), (-1, 1))
        + Space("ContinuousPanTiltVelocitySpace", "urn:own", (-100, 50), (-10, 10))).Spaces;

    [Fact]
    public void Ranges_map_signed_numbers_and_shares()
    {
        var lopsided = new PtzRange(-100, 50);
        Assert.Equal([-100, -50, 0, 25, 50, 50], new[] { -1, -0.5, 0, 0.5, 1, 7 }.Select(lopsided.FromSigned));
        var degrees = new PtzRange(0, 360);
        Assert.Equal([0, 90, 360], new[] { 0, 0.25, 2 }.Select(degrees.FromShare));
        Assert.Equal(0.25, degrees.ToShare(90));
        Assert.Equal(0, new PtzRange(3, 3).ToShare(3));
    }

    [Fact]
    public void The_generic_space_is_preferred_and_that_of_the_picture_is_kept_apart()
    {
        var node = NodeOf(
            Space("RelativePanTiltTranslationSpace", Spaces + "TranslationSpaceFov", (-1, 1), (-1, 1)) + Space("RelativePanTiltTranslationSpace", "urn:own", (-9, 9), (-9, 9))
            + Space("RelativePanTiltTranslationSpace", Spaces + "TranslationGenericSpace", (-1, 1), (-1, 1)));
        Assert.Equal(Spaces + "TranslationGenericSpace", node.Spaces.RelativePanTilt!.Uri);
        Assert.Equal(Spaces + "TranslationSpaceFov", node.Spaces.FieldOfView!.Uri);
        Assert.Null(node.Spaces.AbsoluteZoom);
    }

    [Fact]
    public void Places_are_told_in_the_devices_degrees_and_read_back_as_shares()
    {
        string request = PtzMoves.Absolute("p", s_degrees, 0.25, 1, 0.5)!.Body.ToString();
        Assert.Contains("x=\"90\" y=\"20\" space=\"urn:degrees\"", request, StringComparison.Ordinal);
        Assert.DoesNotContain("Zoom", request, StringComparison.Ordinal);

        var status = PtzStatus.Get("p").ReadWith("""<r><PTZStatus><Position><PanTilt x="90" y="-90"/></Position><MoveStatus><PanTilt>IDLE</PanTilt><Zoom>MOVING</Zoom></MoveStatus></PTZStatus></r>""")!;
        Assert.Equal(new PtzStatus(90, -90, null, IsMoving: true), status);
        Assert.Equal(new PtzStatus(0.25, 0, null, IsMoving: true), status.In(s_degrees));
        Assert.Equal(new PtzStatus(null, null, null, null), PtzStatus.Get("p").ReadWith("<r><PTZStatus/></r>"));
    }

    [Fact]
    public void What_a_device_cannot_do_is_left_out_and_nothing_is_no_request()
    {
        Assert.Contains("x=\"-100\" y=\"5\"", PtzMoves.Continuous("p", s_degrees, -1, 0.5, 1, null)!.Body.ToString(), StringComparison.Ordinal);
        Assert.Contains("PT10S", PtzMoves.Continuous("p", s_degrees, -1, 0.5, 1, TimeSpan.FromSeconds(10))!.Body.ToString(), StringComparison.Ordinal);
        Assert.Null(PtzMoves.Relative("p", s_degrees, 1, 1, 1));
        Assert.Null(PtzMoves.Absolute("p", s_degrees, null, null, 1));
        Assert.NotNull(PtzMoves.Centre("p", s_degrees, 0.1, -0.1));
        Assert.Null(PtzMoves.Centre("p", NodeOf("").Spaces, 0.1, -0.1));
    }

    [Fact]
    public void Presets_have_tokens_of_any_form()
    {
        var presets = PtzPreset.GetAll("p").ReadWith("""<GetPresetsResponse><Preset token="1"><Name/></Preset><Preset token="Preset_2"><Name>Gate</Name></Preset><Preset><Name>none</Name></Preset></GetPresetsResponse>""")!;
        Assert.Equal([new PtzPreset("1", "1"), new PtzPreset("Preset_2", "Gate")], presets);
        Assert.Equal("3", PtzPreset.Set("p", null, "n").ReadWith("<r><PresetToken>3</PresetToken></r>"));
        Assert.Equal("2", PtzPreset.Set("p", "2", "n").ReadWith("<r/>"));
        Assert.Null(PtzPreset.Set("p", null, "n").ReadWith("<r/>"));
    }

    private static PtzNode NodeOf(string spaces) => PtzNode.GetAll.ReadWith(
        $"""<GetNodesResponse><PTZNode token="n"><SupportedPTZSpaces>{spaces}</SupportedPTZSpaces><MaximumNumberOfPresets>9999999</MaximumNumberOfPresets></PTZNode></GetNodesResponse>""")!.Single();

    private static string Space(string element, string uri, (double Min, double Max) x, (double Min, double Max) y) =>
        $"<{element}><URI>{uri}</URI><XRange><Min>{x.Min}</Min><Max>{x.Max}</Max></XRange><YRange><Min>{y.Min}</Min><Max>{y.Max}</Max></YRange></{element}>";
}
