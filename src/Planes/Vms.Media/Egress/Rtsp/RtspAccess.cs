using Vms.Hosting;
using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

internal enum RtspVerdict
{
    Granted,

    /// <summary>Wrong, expired, or not for this camera.</summary>
    Refused,

    /// <summary>Right, and its account may not do this.</summary>
    NotAllowed,

    /// <summary>Too many wrong tries.</summary>
    Throttled,

    /// <summary>Nobody there who could tell: control is down.</summary>
    Unknown,
}

/// <param name="Viewer">Whose it is; null unless it was granted.</param>
/// <param name="Purpose">What it was granted for.</param>
internal readonly record struct RtspAnswer(RtspVerdict Verdict, Viewer? Viewer, RtspPurpose Purpose);

/// <summary>Whether a credential opens a camera, to watch it or to send its pictures: tickets by their signature, passwords by asking control.
/// Any thread.</summary>
internal sealed class RtspAccess(TicketVerifier tickets, ControlAccess control)
{
    /// <param name="purpose">Either: the first that is granted.</param>
    /// <param name="address">Of the client: control slows down guessing by it.</param>
    public async ValueTask<RtspAnswer> CheckAsync(
        RtspCredential credential, RtspPurpose purpose, string cameraId, string address, CancellationToken cancellationToken)
    {
        if (purpose == RtspPurpose.Either)
        {
            var watch = await CheckAsync(credential, RtspPurpose.Watch, cameraId, address, cancellationToken);
            // A wrong password is tried once: each try counts.
            return watch.Verdict == RtspVerdict.NotAllowed || (credential.Ticket is not null && watch.Verdict == RtspVerdict.Refused)
                ? await CheckAsync(credential, RtspPurpose.Publish, cameraId, address, cancellationToken)
                : watch;
        }

        bool publish = purpose == RtspPurpose.Publish;
        if (credential.Ticket is { } text)
        {
            return tickets.TryVerify(text, publish ? TicketKind.Publish : TicketKind.Live, cameraId, out var ticket)
                ? new(RtspVerdict.Granted, Viewer.Of(ticket, address), purpose)
                : new(RtspVerdict.Refused, null, purpose);
        }

        if (credential is not { Username: { } username, Password: { } password })
            return new(RtspVerdict.Refused, null, purpose);
        var (verdict, viewer) = await control.CheckAsync(username, password, cameraId, address, publish, cancellationToken);
        return new(verdict, viewer is null ? null : viewer with { Address = address }, purpose);
    }
}
