using System.Net.Http.Headers;
using System.Xml.Linq;
using Vms.Onvif.Device;
using Vms.Onvif.Events;
using Vms.Onvif.Imaging;
using Vms.Onvif.Media;
using Vms.Onvif.Ptz;
using Vms.Onvif.Soap;
using Vms.Testing.FakeDevice;

namespace Vms.Onvif.Tests.Schema;

/// <summary>What is asked, and what the fake device answers: the children of both Bodies.</summary>
internal sealed record Exchange(OnvifService Service, XElement Request, XElement Answer, byte[] AnswerDocument);

/// <summary>Every operation of the client, once.</summary>
internal static class Exchanges
{
    private const string Profile = "profile_1";
    private const string Source = "source_1";

    private static readonly PtzSpace s_panTilt = new("http://www.onvif.org/ver10/tptz/PanTiltSpaces/PositionGenericSpace", PtzRange.Generic, PtzRange.Generic);
    private static readonly PtzSpace s_zoom = new(null, PtzRange.GenericZoom, null);
    private static readonly PtzSpaces s_spaces = new(s_panTilt, s_zoom, s_panTilt, s_zoom, s_panTilt, s_panTilt, s_zoom);

    private static readonly ImagingSettings s_imaging = new(50, 50, 50, null, IrCutFilter.Auto, true, 20, true, false);

    /// <param name="device">Takes everybody.</param>
    public static async Task<IReadOnlyList<Exchange>> AllAsync(FakeDevice device)
    {
        using var http = new HttpClient();
        return
        [
            await AskAsync(http, device, DeviceClock.Get), await AskAsync(http, device, DeviceClock.Set(device.Now, "CST-8", fromNtp: false)), await AskAsync(http, device, DeviceClock.Set(device.Now, null, fromNtp: true)),
            await AskAsync(http, device, DeviceServices.Get), await AskAsync(http, device, DeviceServices.GetCapabilities), await AskAsync(http, device, DeviceInformation.Get),
            await AskAsync(http, device, NetworkInterfaces.Get), await AskAsync(http, device, NetworkTime.Get), await AskAsync(http, device, NetworkTime.Set("10.0.0.1")), await AskAsync(http, device, NetworkTime.Set("ntp.example")),
            await AskAsync(http, device, RelayOutput.GetAll), await AskAsync(http, device, RelayOutput.SetState("relay_1", active: true)), await AskAsync(http, device, new RelayOutput("relay_1", true, null, false).SetSettings()),
            await AskAsync(http, device, MediaCalls.GetProfiles), await AskAsync(http, device, MediaCalls.GetStreamUri(Profile)), await AskAsync(http, device, MediaCalls.GetSnapshotUri(Profile)),
            await AskAsync(http, device, Media2Calls.GetProfiles), await AskAsync(http, device, Media2Calls.GetStreamUri(Profile)), await AskAsync(http, device, Media2Calls.GetSnapshotUri(Profile)),
            await AskAsync(http, device, PtzNode.GetAll), await AskAsync(http, device, PtzMoves.Continuous(Profile, s_spaces, 0.5, 0, -1, TimeSpan.FromSeconds(5))!), await AskAsync(http, device, PtzMoves.Relative(Profile, s_spaces, 0, 1, 0)!),
            await AskAsync(http, device, PtzMoves.Absolute(Profile, s_spaces, 0.5, 0.5, 0.5)!), await AskAsync(http, device, PtzMoves.Centre(Profile, s_spaces, 0.5, 0.5)!), await AskAsync(http, device, PtzMoves.Stop(Profile, bare: false)),
            await AskAsync(http, device, PtzStatus.Get(Profile)), await AskAsync(http, device, PtzPreset.GetAll(Profile)), await AskAsync(http, device, PtzPreset.Set(Profile, "2", "Gate")), await AskAsync(http, device, PtzPreset.Go(Profile, "2")),
            await AskAsync(http, device, PtzPreset.Remove(Profile, "2")), await AskAsync(http, device, PtzPreset.SetHome(Profile)), await AskAsync(http, device, PtzPreset.GoHome(Profile)),
            await AskAsync(http, device, ImagingSettings.Get(Source)), await AskAsync(http, device, ImagingOptions.Get(Source)), await AskAsync(http, device, s_imaging.Set(Source)),
            await AskAsync(http, device, FocusMoves.Continuous(Source, 1)), await AskAsync(http, device, FocusMoves.Stop(Source)),
            await AskAsync(http, device, PullPointCalls.Create(TimeSpan.FromMinutes(1))), await AskAsync(http, device, PullPointCalls.Pull(TimeSpan.FromSeconds(1))),
            await AskAsync(http, device, PullPointCalls.Renew(TimeSpan.FromMinutes(1))), await AskAsync(http, device, PullPointCalls.Synchronize), await AskAsync(http, device, PullPointCalls.Unsubscribe),
        ];
    }

    private static async Task<Exchange> AskAsync<T>(HttpClient http, FakeDevice device, OnvifCall<T> call)
        where T : class
    {
        byte[] envelope = SoapEnvelope.Write(call.Action, call.Body, null, call.IsAddressed ? new SoapAddressing("urn:x", Guid.NewGuid(), []) : null);
        using var content = new ByteArrayContent(envelope) { Headers = { ContentType = new MediaTypeHeaderValue("application/soap+xml") } };
        string path = call.Service == OnvifService.Subscription ? "/onvif/subscription/1" : "/onvif/device_service";
        using var response = await http.PostAsync(new Uri(device.Service, path), content);
        byte[] document = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.IsSuccessStatusCode, $"{call.Body.Name.LocalName}: {System.Text.Encoding.UTF8.GetString(document)}");
        return new Exchange(call.Service, BodyOf(envelope), BodyOf(document), document);
    }

    private static XElement BodyOf(byte[] document)
    {
        using var stream = new MemoryStream(document);
        var root = XElement.Load(stream);
        return root.Element(root.Name.Namespace + "Body")!.Elements().Single();
    }
}
