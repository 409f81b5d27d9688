using System.Net;

namespace Vms.Control.Devices.Http;

/// <summary>What a device answered.</summary>
/// <param name="Place">Host and path, for messages.</param>
/// <param name="Location">Where it would send us instead; never followed.</param>
/// <param name="Challenges">Values of all WWW-Authenticate headers; only of an answer to a question without credentials.</param>
internal sealed record DeviceAnswer(
    string Place, HttpStatusCode Status, string? ContentType, string? Server, string? Location, IReadOnlyList<string> Challenges, byte[] Body)
{
    public bool IsGood => (int)Status is >= 200 and < 300;

    /// <summary>This answer, when it is a good one.</summary>
    /// <exception cref="DeviceException">It is none: what its status means.</exception>
    public DeviceAnswer Required() => IsGood ? this : throw Refusal();

    public DeviceException Refusal() => (int)Status switch
    {
        // Dahua says 400 and 501 to functions it does not have, Hikvision 404 and 405.
        400 or 404 or 405 or 501 => new(DeviceFailure.NotSupported, $"{Place} is not supported (status {(int)Status})"),
        401 or 403 => new(DeviceFailure.BadCredentials, $"{Place} is not open to this user (status {(int)Status})"),
        >= 300 and < 400 => new(DeviceFailure.BadAnswer, $"{Place} redirects to {Target()}, which is not followed: use that address and port"),
        _ => new(DeviceFailure.BadAnswer, $"{Place} answered with status {(int)Status}"),
    };

    /// <summary>Without a query: some devices put a session into it.</summary>
    private string Target() => Uri.TryCreate(Location, UriKind.Absolute, out var target) ? target.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : "another page";
}
