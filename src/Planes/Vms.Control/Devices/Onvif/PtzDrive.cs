using Vms.Onvif.Ptz;
using Vms.Onvif.Soap;

namespace Vms.Control.Devices.Onvif;

/// <summary>Moves what a profile of a device looks through. One caller at a time, like its client.</summary>
internal sealed class PtzDrive(OnvifClient client, string profile, PtzSpaces spaces)
{
    private bool _stopsBare;

    /// <summary>Goes on until <see cref="StopAsync"/>, or for <paramref name="atMost"/> where the device keeps to it: the caller watches over it, too.</summary>
    public async Task<OnvifResult<Done>> MoveAsync(double pan, double tilt, double zoom, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var moved = await CallAsync(PtzMoves.Continuous(profile, spaces, pan, tilt, zoom, atMost), cancellationToken);
        return moved.Kind == OnvifFailureKind.Refused
            ? await CallAsync(PtzMoves.Continuous(profile, spaces, pan, tilt, zoom, null), cancellationToken)
            : moved;
    }

    public Task<OnvifResult<Done>> MoveByAsync(double pan, double tilt, double zoom, CancellationToken cancellationToken) =>
        CallAsync(PtzMoves.Relative(profile, spaces, pan, tilt, zoom), cancellationToken);

    public Task<OnvifResult<Done>> MoveToAsync(double? pan, double? tilt, double? zoom, CancellationToken cancellationToken) =>
        CallAsync(PtzMoves.Absolute(profile, spaces, pan, tilt, zoom), cancellationToken);

    /// <summary>Brings a point of the picture (−1..1, upwards and to the right) to its middle.</summary>
    public Task<OnvifResult<Done>> CentreAsync(double x, double y, CancellationToken cancellationToken) =>
        CallAsync(PtzMoves.Centre(profile, spaces, x, y), cancellationToken);

    /// <summary>Ends a move, in whichever way the device takes: with its arguments, without them, or as a move with no speed.</summary>
    public async Task<OnvifResult<Done>> StopAsync(CancellationToken cancellationToken)
    {
        var stopped = await client.CallAsync(PtzMoves.Stop(profile, _stopsBare), cancellationToken);
        if (stopped.Kind == OnvifFailureKind.Refused && !_stopsBare)
        {
            stopped = await client.CallAsync(PtzMoves.Stop(profile, bare: true), cancellationToken);
            _stopsBare = stopped.IsSuccess;
        }

        return stopped.Kind is OnvifFailureKind.Refused or OnvifFailureKind.Unsupported
            ? await CallAsync(PtzMoves.Continuous(profile, spaces, 0, 0, 0, null), cancellationToken)
            : stopped;
    }

    private async Task<OnvifResult<Done>> CallAsync(OnvifCall<Done>? call, CancellationToken cancellationToken) => call is null
        ? OnvifResult<Done>.Failed(OnvifFailureKind.Unsupported, "The device has no such axis")
        : await client.CallAsync(call, cancellationToken);
}
