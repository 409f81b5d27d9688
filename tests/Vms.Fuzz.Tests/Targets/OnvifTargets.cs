using System.Net;
using System.Text;
using Vms.Onvif.Device;
using Vms.Onvif.Discovery;
using Vms.Onvif.Events;
using Vms.Onvif.Imaging;
using Vms.Onvif.Media;
using Vms.Onvif.Ptz;
using Vms.Onvif.Soap;
using Vms.Rtp.Payloads;

namespace Vms.Fuzz.Tests.Targets;

/// <summary>What cameras write in XML.</summary>
internal static class OnvifTargets
{
    private static readonly byte[][] s_words =
    [
        .. new[]
        {
            "<s:Envelope>", "<s:Body>", "</s:Body></s:Envelope>", "<s:Fault>", "<Subcode><Value>ter:NotAuthorized</Value></Subcode>", "<!DOCTYPE x [<!ENTITY e \"x\">]>", "&e;", "&#0;", "&#x10FFFF;", "<![CDATA[", "]]>", "<?xml version='1.0' encoding='utf-16'?>",
            " token=\"1\"", "<tt:Uri>rtsp://h/x</tt:Uri>", "<Min>-1</Min>", "<Max>1e308</Max>", "NaN", "PT1S", "P9999Y", "CST-8", "http:///x", "http://[::1]:80/", "onvif://www.onvif.org/name/%41", "urn:uuid:", "<a/>", "</", "xmlns=\"",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FuzzTarget("onvif-metadata", Metadata) { MaxInput = SampleDepacketizer.MaxSampleSize, MaxAllocated = 4 << 20, ReplayMutations = 1000 },
        new FuzzTarget("onvif-answers", Answer) { Words = s_words, ReplayMutations = 1000 },
        new FuzzTarget("onvif-discovery", Discovery) { Words = s_words },
        new FuzzTarget("onvif-addresses", Addresses) { Words = s_words, MaxInput = 4 << 10 },
    ];

    private static void Metadata(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        var notifications = new List<Notification>();
        outcome.Add(MetadataStream.MayNotify(input));
        outcome.Add(MetadataStream.Read(input.ToArray(), notifications));
        if (notifications.Count > MetadataStream.MaxNotifications)
            throw new InvalidDataException("More notifications than there may be.");
        foreach (var notification in notifications)
        {
            outcome.Add((int)notification.Operation);
            outcome.AddSize(notification.Data.Count);
            outcome.Add(EventMeaning.Of(notification)?.Type.Length ?? 0);
        }
    }

    /// <summary>Any answer to any question.</summary>
    private static void Answer(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        var answer = SoapAnswer.Read(input.ToArray());
        outcome.Add((int)answer.Kind);
        outcome.Add((int?)answer.Fault?.Kind ?? -1);
        if (answer.Kind != SoapAnswerKind.Answer)
            return;

        outcome.Add(DeviceClock.Get.Read(answer) is not null);
        outcome.Add(DeviceInformation.Get.Read(answer)?.Model.Length ?? -1);
        outcome.AddSize(EventTopics.Get.Read(answer)?.Topics.Count ?? 0);
        outcome.Add(DeviceServices.Get.Read(answer)?.Addresses.Count ?? -1);
        outcome.Add(DeviceServices.GetCapabilities.Read(answer)?.Addresses.Count ?? -1);
        outcome.Add(NetworkInterfaces.Get.Read(answer)?.Macs.Count ?? -1);
        outcome.Add(NetworkTime.Get.Read(answer)?.Servers.Count ?? -1);
        outcome.Add(RelayOutput.GetAll.Read(answer)?.Count ?? -1);
        outcome.Add(ChoicesOf(MediaCalls.GetProfiles.Read(answer)));
        outcome.Add(ChoicesOf(Media2Calls.GetProfiles.Read(answer)));
        outcome.Add(MediaCalls.GetStreamUri("p").Read(answer) is not null);
        outcome.Add(PtzPreset.GetAll("p").Read(answer)?.Count ?? -1);
        outcome.Add(PtzPreset.Set("p", null, "n").Read(answer) is not null);
        foreach (var node in PtzNode.GetAll.Read(answer) ?? [])
        {
            outcome.Add(PtzStatus.Get("p").Read(answer)?.In(node.Spaces).IsMoving == true);
            outcome.Add(PtzMoves.Absolute("p", node.Spaces, 0.5, 0.5, 0.5) is not null);
        }

        outcome.Add(PtzStatus.Get("p").Read(answer)?.IsMoving == true);
        outcome.Add(ImagingSettings.Get("s").Read(answer) is { } settings && ImagingOptions.Get("s").Read(answer)?.Refuses(settings).Count > 0);
        outcome.Add(ImagingOptions.Get("s").Read(answer)?.IrCutFilters.Count ?? -1);
        outcome.Add(PullPointCalls.Pull(TimeSpan.Zero).Read(answer)?.Count ?? -1);
        if (PullPointCalls.Create(TimeSpan.Zero).Read(answer) is { } subscription)
        {
            outcome.Add(subscription.Lifetime is not null);
            outcome.Add(SoapEnvelope.Write("a", PullPointCalls.Unsubscribe.Body, null, new SoapAddressing("urn:x", Guid.Empty, subscription.References)).Length > 0);
        }
    }

    private static int ChoicesOf(IReadOnlyList<MediaProfile>? profiles) => profiles is null ? -1 : StreamChoice.PerSource(profiles).Count;

    private static void Discovery(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        var devices = new DiscoveredDevices();
        foreach (var match in ProbeMatch.Read(input))
        {
            outcome.Add(match.IsOnvif);
            outcome.AddSize(match.Endpoint.Length);
            if (devices.Add(IPAddress.Loopback, match) is { } device)
            {
                outcome.Add(device.Services.Count);
                outcome.AddSize(device.Scopes.Name?.Length ?? 0);
                if (device.Services.Any(service => service.Host != "127.0.0.1"))
                    throw new InvalidDataException("A service on a host that did not answer.");
            }
        }

        outcome.Add(devices.All.Count);
    }

    /// <summary>Single texts, one a line.</summary>
    private static void Addresses(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        var answered = new Uri("http://192.168.1.5:8080/onvif/device_service");
        foreach (var line in input.Split((byte)'\n'))
        {
            string text = Encoding.UTF8.GetString(input[line]);
            foreach (var uri in (Uri?[])[ServiceAddress.Service(text, answered), ServiceAddress.Stream(text, answered)])
            {
                outcome.Add(uri?.Port ?? -1);
                if (uri is not null && (uri.Host != answered.Host || uri.UserInfo.Length > 0))
                    throw new InvalidDataException("An address on another host, or with credentials.");
            }

            outcome.Add(Subnet.TryParse(text, out var subnet) ? subnet.Count : -1);
            outcome.AddSize(DeviceScopes.Read(text).Name?.Length ?? 0);
        }
    }
}
