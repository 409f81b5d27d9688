using Vms.Onvif.Imaging;

namespace Vms.Onvif.Tests.Imaging;

public sealed class ImagingTests
{
    [Fact]
    public void Settings_are_read_as_far_as_they_are_there()
    {
        var settings = ImagingSettings.Get("s").ReadWith(
            "<r><ImagingSettings><Brightness>50.000000</Brightness><IrCutFilter>AUTO</IrCutFilter><WideDynamicRange><Mode>ON</Mode><Level>20</Level></WideDynamicRange><Focus><AutoFocusMode>MANUAL</AutoFocusMode></Focus></ImagingSettings></r>");
        Assert.Equal(ImagingSettings.None with { Brightness = 50, IrCutFilter = IrCutFilter.Auto, WideDynamicRange = true, WideDynamicRangeLevel = 20, AutoFocus = false }, settings);
        Assert.Equal(ImagingSettings.None, ImagingSettings.Get("s").ReadWith("<r><ImagingSettings><Brightness>bright</Brightness><IrCutFilter>7</IrCutFilter></ImagingSettings></r>"));
    }

    [Fact]
    public void Only_what_shall_change_is_sent_in_the_order_of_the_schema()
    {
        var body = (ImagingSettings.None with { Sharpness = 1, Contrast = 2.5, Brightness = 3, WideDynamicRangeLevel = 4 }).Set("s").Body;
        Assert.Equal(["Brightness", "Contrast", "Sharpness", "WideDynamicRange"], body.Elements().ElementAt(1).Elements().Select(element => element.Name.LocalName));
        Assert.Contains("2.5", body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_device_cannot_do_is_named()
    {
        var options = ImagingOptions.Get("s").ReadWith(
            "<r><ImagingOptions><Brightness><Min>0</Min><Max>100</Max></Brightness><IrCutFilterModes>ON</IrCutFilterModes><WideDynamicRange><Mode>OFF</Mode></WideDynamicRange></ImagingOptions></r>")!;
        Assert.Empty(options.Refuses(ImagingSettings.None with { Brightness = 100, IrCutFilter = IrCutFilter.On }));
        Assert.Equal(
            ["Brightness", "Contrast", "IrCutFilter", "WideDynamicRange", "AutoFocus"],
            options.Refuses(ImagingSettings.None with { Brightness = 101, Contrast = 1, IrCutFilter = IrCutFilter.Auto, WideDynamicRange = true, AutoFocus = false }));
    }
}
