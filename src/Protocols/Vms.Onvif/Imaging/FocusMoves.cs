using System.Xml.Linq;
using Vms.Onvif.Ptz;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Imaging;

/// <summary>Focus by hand (ONVIF Imaging Service Specification §5.1.4 to §5.1.6).</summary>
public static class FocusMoves
{
    private const string Action = "http://www.onvif.org/ver20/imaging/wsdl/";

    /// <summary>Goes on until <see cref="Stop"/>.</summary>
    /// <param name="speed">Negative: nearer. −1..1 in the generic range.</param>
    public static OnvifCall<Done> Continuous(string videoSource, double speed) => new(
        OnvifService.Imaging,
        Action + "Move",
        new XElement(
            OnvifNamespaces.Imaging + "Move",
            new XElement(OnvifNamespaces.Imaging + "VideoSourceToken", videoSource),
            new XElement(
                OnvifNamespaces.Imaging + "Focus",
                new XElement(OnvifNamespaces.Schema + "Continuous", new XElement(OnvifNamespaces.Schema + "Speed", PtzSpaces.Text(Math.Clamp(speed, -1, 1)))))),
        Done.Of);

    public static OnvifCall<Done> Stop(string videoSource) => new(
        OnvifService.Imaging,
        Action + "Stop",
        new XElement(OnvifNamespaces.Imaging + "Stop", new XElement(OnvifNamespaces.Imaging + "VideoSourceToken", videoSource)),
        Done.Of);
}
