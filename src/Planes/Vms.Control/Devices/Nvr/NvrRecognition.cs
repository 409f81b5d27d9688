using System.Net;
using Vms.Control.Devices.Dahua;
using Vms.Control.Devices.Hikvision;
using Vms.Control.Devices.Http;

namespace Vms.Control.Devices.Nvr;

/// <summary>Finds out who made a recorder, by how it refuses to talk to strangers; the password is not risked for it.</summary>
internal static class NvrRecognition
{
    private static readonly string[] s_hikvisionServers = ["App-webs", "DNVRS-Webs", "DVRDVS-Webs", "DVRNVRDVS-Webs", "Hikvision-Webs"];
    private static readonly string[] s_hikvisionRealms = ["IP Camera(", "DS-", "Embedded Net DVR"];

    /// <summary>"Login to 4A01…": Dahua's and Amcrest's. "DH_…": its older cameras.</summary>
    private static readonly string[] s_dahuaRealms = ["Login to ", "LoginToDVR", "DH_"];

    /// <summary>
    /// The recorder behind an address with what it says of itself, so that the credentials were accepted.
    /// </summary>
    /// <param name="maker">Null: is found out.</param>
    /// <exception cref="DeviceException">NotSupported: none of these makers. BadCredentials: asked once, whoever it is.</exception>
    public static async Task<(INvr Nvr, NvrFacts Facts)> ConnectAsync(DeviceHttp http, NvrMaker? maker, CancellationToken cancellationToken)
    {
        foreach (var candidate in maker is { } named ? [named] : await CandidatesAsync(http, cancellationToken))
        {
            INvr nvr = candidate == NvrMaker.Hikvision ? new HikvisionNvr(http) : new DahuaNvr(http);
            try
            {
                return (nvr, await nvr.FactsAsync(cancellationToken));
            }
            catch (DeviceException e) when (maker is null && e.Failure is DeviceFailure.NotSupported or DeviceFailure.BadAnswer)
            {
                // It let us in, and speaks something else: the next one may be asked with the same password.
            }
        }

        throw new DeviceException(DeviceFailure.NotSupported, $"{http.Address.Authority} is no recorder of Hikvision or Dahua");
    }

    /// <summary>One where the device gives itself away; both where it asks for a password whatever is asked.</summary>
    private static async Task<NvrMaker[]> CandidatesAsync(DeviceHttp http, CancellationToken cancellationToken)
    {
        var isapi = await http.AskAnonymouslyAsync(HikvisionNvr.DeviceInfo, cancellationToken);
        if (MakerOf(isapi) is { } told)
            return [told];
        var cgi = await http.AskAnonymouslyAsync(DahuaNvr.SystemInfo, cancellationToken);
        if (MakerOf(cgi) is { } toldLater)
            return [toldLater];
        return [.. IsThere(isapi) ? [NvrMaker.Hikvision] : Array.Empty<NvrMaker>(), .. IsThere(cgi) ? [NvrMaker.Dahua] : Array.Empty<NvrMaker>()];
    }

    /// <summary>The function exists: it wants a password, or is open to everybody.</summary>
    private static bool IsThere(DeviceAnswer answer) => answer.Status == HttpStatusCode.Unauthorized || answer.IsGood;

    private static NvrMaker? MakerOf(DeviceAnswer answer)
    {
        if (s_hikvisionServers.Any(server => answer.Server?.StartsWith(server, StringComparison.OrdinalIgnoreCase) == true))
            return NvrMaker.Hikvision;
        foreach (string challenge in answer.Challenges)
        {
            if (HasRealm(challenge, s_dahuaRealms))
                return NvrMaker.Dahua;
            if (HasRealm(challenge, s_hikvisionRealms))
                return NvrMaker.Hikvision;
        }

        return null;
    }

    private static bool HasRealm(string challenge, string[] beginnings) =>
        beginnings.Any(beginning => challenge.Contains($"realm=\"{beginning}", StringComparison.OrdinalIgnoreCase));
}
