using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Cameras;
using Vms.Hosting;

namespace Vms.Control.Features.Device;

/// <summary>What of a device is asked for.</summary>
internal enum DeviceFeature
{
    Ptz,
    Imaging,
    Relays,
}

/// <summary>Why a device was not asked, or did not do it.</summary>
internal enum DeviceTrouble
{
    NoSuchCamera,

    /// <summary>So many wait for this device already that another is not let in.</summary>
    Busy,

    /// <summary>It has no such thing, or does not speak ONVIF.</summary>
    NotSupported,

    /// <summary>No connection, or no answer in time.</summary>
    Unreachable,

    /// <summary>It refused the camera's credentials, now or before.</summary>
    BadCredentials,

    /// <summary>It answered and did not do it.</summary>
    Refused,
}

/// <param name="Detail">A sentence for people; holds no credentials.</param>
internal sealed record DeviceFault(DeviceTrouble Trouble, string Detail)
{
    public static DeviceFault NoSuchCamera { get; } = new(DeviceTrouble.NoSuchCamera, "There is no such camera");

    public static DeviceFault Of(OnvifFailure failure) => new(
        failure.Kind switch
        {
            OnvifFailureKind.BadCredentials or OnvifFailureKind.OnlyBasicInClear => DeviceTrouble.BadCredentials,
            OnvifFailureKind.Unreachable or OnvifFailureKind.TimedOut => DeviceTrouble.Unreachable,
            OnvifFailureKind.Unsupported => DeviceTrouble.NotSupported,
            _ => DeviceTrouble.Refused,
        },
        failure.Detail);

    /// <summary>Null when the device did it.</summary>
    public static DeviceFault? Of<T>(OnvifResult<T> result)
        where T : class => result.Failure is { } failure ? Of(failure) : null;

    /// <summary>As it stands in the view of a device.</summary>
    /// <param name="notSupported">The code where it has no such thing.</param>
    public DeviceProblem ToView(string notSupported = "notOnvif") => new(
        Trouble switch
        {
            DeviceTrouble.BadCredentials => "badCredentials",
            DeviceTrouble.Unreachable => "deviceUnreachable",
            DeviceTrouble.NotSupported => notSupported,
            _ => "deviceRefused",
        },
        Detail);

    public ProblemHttpResult ToProblem(DeviceFeature feature) => Trouble switch
    {
        DeviceTrouble.NoSuchCamera => CameraProblems.NotFound(),
        DeviceTrouble.Busy => Problems.Of(StatusCodes.Status503ServiceUnavailable, "deviceBusy", "The device is asked by too many at a time", Detail),
        DeviceTrouble.BadCredentials => Problems.Of(StatusCodes.Status502BadGateway, "badCredentials", "The device refuses the user name or password", Detail),
        DeviceTrouble.Unreachable => Problems.Of(StatusCodes.Status502BadGateway, "deviceUnreachable", "The device cannot be reached", Detail),
        DeviceTrouble.Refused => Problems.Of(StatusCodes.Status502BadGateway, "deviceRefused", "The device did not do it", Detail),
        _ => NotSupported(feature, Detail),
    };

    private static ProblemHttpResult NotSupported(DeviceFeature feature, string detail) => feature switch
    {
        DeviceFeature.Ptz => Problems.Of(StatusCodes.Status409Conflict, "ptzNotSupported", "The camera cannot be moved so", detail),
        DeviceFeature.Imaging => Problems.Of(StatusCodes.Status409Conflict, "imagingNotSupported", "The camera's picture cannot be set so", detail),
        _ => Problems.Of(StatusCodes.Status409Conflict, "relaysNotSupported", "The camera has no relays", detail),
    };
}
