using Vms.Hosting;
using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

internal enum RtspVerdict
{
    Granted,

    /// <summary>Wrong, expired, or not for this camera.</summary>
    Refused,

    /// <summary>Too many wrong tries.</summary>
    Throttled,

    /// <summary>Nobody there who could tell: control is down.</summary>
    Unknown,
}

/// <summary>Whether a credential opens a camera: tickets by their signature, passwords by asking control. Any thread.</summary>
internal sealed class RtspAccess(TicketVerifier tickets, ControlAccess control)
{
    /// <param name="address">Of the client: control slows down guessing by it.</param>
    public async ValueTask<(RtspVerdict Verdict, string User)> CheckAsync(
        RtspCredential credential, string cameraId, string address, CancellationToken cancellationToken)
    {
        if (credential.Ticket is { } text)
            return tickets.TryVerify(text, TicketKind.Live, cameraId, out var ticket) ? (RtspVerdict.Granted, ticket.User) : (RtspVerdict.Refused, "");
        return credential is { Username: { } username, Password: { } password }
            ? await control.CheckAsync(username, password, cameraId, address, cancellationToken)
            : (RtspVerdict.Refused, "");
    }
}
