using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Device;

/// <summary>What a device is (ONVIF Core Specification §8.3.1). Texts of at most <see cref="MaxText"/> characters, empty when it does not tell.</summary>
public sealed record DeviceInformation(string Manufacturer, string Model, string Firmware, string SerialNumber, string HardwareId)
{
    public const int MaxText = 128;

    public static OnvifCall<DeviceInformation> Get { get; } = new(
        OnvifService.Device, "http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation", new XElement(OnvifNamespaces.Device + "GetDeviceInformation"), Read);

    private static DeviceInformation? Read(SoapAnswer answer) => answer.Body.Name != "GetDeviceInformationResponse" ? null : new(
        Text(answer, "Manufacturer"), Text(answer, "Model"), Text(answer, "FirmwareVersion"), Text(answer, "SerialNumber"), Text(answer, "HardwareId"));

    private static string Text(SoapAnswer answer, string name)
    {
        string text = answer.Body.TextAt(name) ?? "";
        return text.Length <= MaxText ? text : char.IsHighSurrogate(text[MaxText - 1]) ? text[..(MaxText - 1)] : text[..MaxText];
    }
}
