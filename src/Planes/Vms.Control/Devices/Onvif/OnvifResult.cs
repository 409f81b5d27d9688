using System.Diagnostics.CodeAnalysis;

namespace Vms.Control.Devices.Onvif;

/// <summary>Why a device did not do what it was asked.</summary>
internal enum OnvifFailureKind
{
    /// <summary>It refused the credentials, or wants some and there are none.</summary>
    BadCredentials,

    /// <summary>It would take the password only as it is, over a connection that everybody on the way can read.</summary>
    OnlyBasicInClear,

    /// <summary>No connection, or none that held.</summary>
    Unreachable,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>What answers does not speak ONVIF, or not readably.</summary>
    NotOnvif,

    /// <summary>The device has no such service, or its service no such operation.</summary>
    Unsupported,

    /// <summary>The device understood, and refused.</summary>
    Refused,
}

/// <param name="Detail">For people and logs; holds no credentials.</param>
internal sealed record OnvifFailure(OnvifFailureKind Kind, string Detail);

/// <summary>Outcome of a call to a device: a value, or why there is none.</summary>
internal readonly record struct OnvifResult<T>(T? Value, OnvifFailure? Failure)
    where T : class
{
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool IsSuccess => Failure is null;

    /// <summary>The kind of the failure; null when there is none.</summary>
    public OnvifFailureKind? Kind => Failure?.Kind;

    public static OnvifResult<T> Of(T value) => new(value, null);

    public static OnvifResult<T> Failed(OnvifFailureKind kind, string detail) => new(null, new OnvifFailure(kind, detail));

    public static OnvifResult<T> Failed(OnvifFailure failure) => new(null, failure);
}
